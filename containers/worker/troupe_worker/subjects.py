"""Subjects: what a method learns from, and what it draws with."""

from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image

from troupe_worker.adapters import Adapter


@dataclass(frozen=True)
class Reference:
    """One picture of a subject, with what its owner says is in it."""

    picture: Image.Image
    caption: str | None


@dataclass(frozen=True)
class Subject:
    """A subject to be learned. `token` is the rare word that will mean it, `noun` what it is a special case of."""

    name: str
    noun: str
    token: str
    references: Sequence[Reference]


@dataclass(frozen=True)
class Learned:
    """A tuned subject, ready to be drawn."""

    name: str
    adapter: Adapter


def fill_prompt(prompt: str, phrases: dict[str, str]) -> str:
    """Put each subject's phrase where the prompt says {subject}."""
    for name, phrase in phrases.items():
        prompt = prompt.replace(f"{{{name}}}", phrase)
    return prompt


def caption(name: str, phrase: str, given: str | None) -> str:
    """Return what a reference is learned under: its own caption with the subject named in it, or the bare phrase."""
    if given is None:
        return phrase
    filled = fill_prompt(given, {name: phrase})
    return filled if filled != given else f"{phrase}, {given}"
