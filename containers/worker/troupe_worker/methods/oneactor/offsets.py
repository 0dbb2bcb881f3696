"""Offsets: vectors that are added to the base word, behind the text encoders, and the guidance that they allow.

Letters: B prompts, T tokens, D width of a token's state, L tokens of the base word, C latent channels, H and W sides in latents.
"""

from dataclasses import dataclass, replace

import torch
from torch import Tensor

from troupe_worker.contracts import Sampler
from troupe_worker.errors import JobFailed
from troupe_worker.methods.oneactor.projector import modulate
from troupe_worker.methods.oneactor.settings import Settings
from troupe_worker.models import BaseModel
from troupe_worker.prompts import Conditioning, encode_nothing, find_word, join
from troupe_worker.sampling import Denoise, guide, predict, size_ids

Adain = tuple[Tensor, Tensor]


@dataclass(frozen=True)
class Actor:
    """What was learned: a subject's own vector, the mean of its auxiliaries', and how both follow a prompt's words, if at all."""

    target_LD: Tensor
    average_LD: Tensor
    adain: Adain | None


def find_base_word(base: BaseModel, prompt: str, noun: str) -> tuple[int, ...]:
    """Return the places of the noun's tokens in a prompt, the first time that it is said."""
    try:
        return find_word(base, prompt, noun)
    except ValueError as error:
        sentence = f"OneActor steers the word {noun}, and “{prompt}” does not say it as {base.ref.name} reads it."
        raise JobFailed("token_unknown", sentence) from error


def read_words(told: Conditioning, places: list[tuple[int, ...]]) -> Tensor:
    """Return the states of the base words, (B, L, D)."""
    return torch.stack([told.states_BTD[row, list(at)] for row, at in enumerate(places)])


def add_offsets(told: Conditioning, places: list[tuple[int, ...]], vectors_BLD: Tensor) -> Conditioning:
    """Add vectors to the base word of each prompt. Every other state, and the pooled ones, stay the same bits."""
    states_BTD = told.states_BTD.clone()
    for row, at in enumerate(places):
        states_BTD[row, list(at)] += vectors_BLD[row].to(states_BTD.dtype)
    return replace(told, states_BTD=states_BTD)


def guide_cluster(
    base: BaseModel,
    told: Conditioning,
    timesteps: Tensor,
    places: list[tuple[int, ...]],
    actor: Actor,
    settings: Settings,
    sampler: Sampler,
    width: int,
    height: int,
) -> Denoise:
    """Return the denoiser that pulls towards the subject, and away from the average of its auxiliaries, in the guided steps.

    e = e_u + (s + push) (e_t - e_u) - push (e_a - e_u) there, plain guidance by s elsewhere. The third row is computed on guided
    steps only, and only where there is a push.
    """
    guided = {t.item() for t in timesteps[: round(len(timesteps) * settings.guided_share)]}
    words_BLD, scale = read_words(told, places), sampler.guidance
    target = add_offsets(
        told, places, settings.strength * modulate(actor.target_LD[None], words_BLD, actor.adain).expand_as(words_BLD)
    )
    plain = guide(base, told, scale, width, height)
    if settings.push == 0:
        steered = guide(base, target, scale, width, height)
        return lambda x_BCHW, t: (steered if t.item() in guided else plain)(x_BCHW, t)
    average = add_offsets(told, places, modulate(actor.average_LD[None], words_BLD, actor.adain).expand_as(words_BLD))
    three = join(encode_nothing(base, told), target, average)
    ids_B6 = size_ids(base, len(three.states_BTD), width, height)

    def steer(x_BCHW: Tensor, t: Tensor) -> Tensor:
        without, subject, others = predict(base, torch.cat([x_BCHW] * 3), t, three, ids_B6).chunk(3)
        return without + (scale + settings.push) * (subject - without) - settings.push * (others - without)

    return lambda x_BCHW, t: (steer if t.item() in guided else plain)(x_BCHW, t)
