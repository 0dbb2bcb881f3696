"""Subjects: what a method learns from, and what it draws with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from PIL import Image
from torch import Tensor

from troupe_worker.adapters import Adapter
from troupe_worker.contracts import Recipe
from troupe_worker.errors import JobFailed
from troupe_worker.models import BaseModel
from troupe_worker.settings import write_settings


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


def make_adapter(method: str, tensors: Mapping[str, Tensor], settings: Any, base: BaseModel, subject: Subject) -> Adapter:
    """Return what `method` made of a subject, with all that decided it."""
    recipe = Recipe(method=method, settings=write_settings(settings), base_model=base.ref)
    return Adapter(tensors, recipe, subject.token, subject.noun, base.licence)


def only_adapter(subjects: Sequence[Learned], method: str) -> Adapter:
    """Return the adapter of the only subject; for methods that cannot draw several in one picture."""
    if len(subjects) != 1:
        raise JobFailed("method_unknown", f"{method} draws one subject in a picture, not {len(subjects)}.")
    return subjects[0].adapter


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
