"""Drawing scenes by a method, by no method, and by pasting."""

from dataclasses import replace

import numpy as np
from troupe_worker.adapters import Adapter
from troupe_worker.methods import find_method
from troupe_worker.models import BaseModel
from troupe_worker.sampling import PictureRequest, draw_pictures
from troupe_worker.subjects import Learned

from troupe_bench.oneactor.learn import NAME, Learnt
from troupe_bench.oneactor.plan import SAMPLER, Cast, SettingValues, describe, phrase
from troupe_bench.sight import Pixels

SIDE = 128


def list_prompts(cast: Cast, scenes: tuple[int, ...]) -> list[str]:
    """Return the scenes' prompts with {subject} where the subject is named: the same words for every method."""
    return [phrase(*cast.scene(number)) for number in scenes]


def list_descriptions(cast: Cast, scenes: tuple[int, ...]) -> list[str]:
    """Return the scenes' richest captions: prompts of one who has learned nothing."""
    return [describe(*cast.scene(number)) for number in scenes]


def draw_learnt(base: BaseModel, learnt: Learnt, prompts: list[str], seeds: list[int], strength: float | None = None) -> Pixels:
    """Return (B, 128, 128, 3): each prompt with its seed, by the worker's method."""
    module = find_method(learnt.method, "render")
    adapter = learnt.adapter if strength is None else module.strengthen(learnt.adapter, strength)
    learned = [Learned(NAME, adapter)]
    named = [module.phrase_prompt(prompt.replace("{subject}", f"{{{NAME}}}"), learned) for prompt in prompts]
    batches = _split(named, seeds)
    return np.concatenate([pixels.numpy() for pixels in module.render(base, learned, batches, SAMPLER)])


def draw_plain(base: BaseModel, noun: str, prompts: list[str], seeds: list[int]) -> Pixels:
    """Return what the base model draws when nothing is learned."""
    named = [prompt.replace("{subject}", f"a {noun}") for prompt in prompts]
    return np.concatenate([draw_pictures(base, batch, SAMPLER).numpy() for batch in _split(named, seeds)])


def paste(references: Pixels, count: int) -> Pixels:
    """Return references in the place of drawings, in turn."""
    return references[np.arange(count) % len(references)]


def change_settings(adapter: Adapter, changes: SettingValues) -> Adapter:
    """Return the adapter as it draws with other settings of its method: for those that matter in drawing alone."""
    settings = {**adapter.recipe.settings, **changes}
    return replace(adapter, recipe=adapter.recipe.model_copy(update={"settings": settings}))


def _split(prompts: list[str], seeds: list[int], size: int = 8) -> list[list[PictureRequest]]:
    asked = [PictureRequest(prompt, seed, SIDE, SIDE) for prompt, seed in zip(prompts, seeds, strict=True)]
    return [asked[at : at + size] for at in range(0, len(asked), size)]
