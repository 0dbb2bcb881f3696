"""What OneActor's projector is taught by: sentences around the noun, pictures with their features, and the three losses.

Letters: B rows of a step, K auxiliaries in it, N pictures, L tokens of the base word, D width of a token's state."""

from dataclasses import dataclass

import torch
from diffusers import DDPMScheduler
from torch import Tensor

from troupe_worker.lessons import draw_times, find_errors
from troupe_worker.methods.oneactor.examples import Examples, name_target
from troupe_worker.methods.oneactor.offsets import add_offsets, find_base_word, read_words
from troupe_worker.methods.oneactor.projector import Projector, modulate
from troupe_worker.methods.oneactor.settings import Settings
from troupe_worker.models import BaseModel
from troupe_worker.prompts import Conditioning, encode_prompts
from troupe_worker.subjects import Subject
from troupe_worker.templates import TEMPLATES


@dataclass(frozen=True)
class Lesson:
    """What every step draws from: pictures with their features, sentences, and where each sentence has the base word."""

    examples: Examples
    told: Conditioning  # the templates or the target prompt, then the captions of the targets that have one
    places: list[tuple[int, ...]]
    captions: list[int | None]  # by target: its row of `told`
    sentences: int  # how many stand before the captions


def make_lesson(base: BaseModel, subject: Subject, examples: Examples, settings: Settings) -> Lesson:
    """Encode every sentence once. A subject's noun must be found in each."""
    texts = [name_target(subject, settings)]
    if settings.sentences == "templates":
        texts = [template.format(subject.noun) for template in TEMPLATES[base.ref.family]]
    count, rows = len(texts), []
    for caption in examples.captions:
        rows.append(None if caption is None else len(texts))
        texts += [] if caption is None else [caption]
    places = [find_base_word(base, text, subject.noun) for text in texts]
    with torch.no_grad():
        return Lesson(examples, encode_prompts(base, texts), places, rows, count)


def find_loss(
    base: BaseModel, lesson: Lesson, projector: Projector, settings: Settings, scheduler: DDPMScheduler, random: torch.Generator
) -> Tensor:
    """Return the loss of one random batch: a target, K auxiliaries, and the target again under the auxiliaries' mean offset."""
    examples, count = lesson.examples, settings.auxiliaries
    target = _lot(len(examples.target_NFHW), random)
    others = torch.randint(len(examples.auxiliary_NFHW), (count,), generator=random).tolist()
    views = [_lot(examples.target_NVCHW.shape[1], random)]
    views += torch.randint(examples.auxiliary_NVCHW.shape[1], (count,), generator=random).tolist()
    clean = [examples.target_NVCHW[target, views[0]]]
    clean += [examples.auxiliary_NVCHW[other, view] for other, view in zip(others, views[1:], strict=True)]
    clean_BCHW = torch.stack([*clean, clean[0]])
    noise_BCHW = torch.randn(clean_BCHW.shape, generator=random).to(base.device)
    noise_BCHW[-1] = noise_BCHW[0]
    t_B = draw_times(count + 2, settings.earliness, scheduler, random).to(base.device)
    sentences = torch.randint(lesson.sentences, (count + 1,), generator=random).tolist()
    described = lesson.captions[target]
    sentences[0] = sentences[0] if described is None else described
    sentences.append(sentences[0])

    vectors_BLD = _project(examples, projector, settings.norm, target, others, random)
    vectors_BLD = torch.cat([vectors_BLD, vectors_BLD[1:].mean(0, keepdim=True)])
    told, places = lesson.told.rows(sentences), [lesson.places[row] for row in sentences]
    offsets_BLD = modulate(vectors_BLD, read_words(told, places).float(), adain_of(projector))
    error_B = find_errors(base, clean_BCHW, noise_BCHW, t_B, add_offsets(told, places, offsets_BLD), scheduler)
    return weigh_errors(error_B, settings)


def weigh_errors(error_B: Tensor, settings: Settings) -> Tensor:
    """Return the sum of the three losses: target, auxiliaries, average."""
    return error_B[0] + settings.auxiliary_weight * error_B[1:-1].mean() + settings.average_weight * error_B[-1]


def _project(
    examples: Examples, projector: Projector, norm: str, target: int, others: list[int], random: torch.Generator
) -> Tensor:
    """Return the vectors (K + 1, L, D) of a target and K auxiliaries."""
    if norm == "all":
        # As `make_actor` does, so that what is learned is what will be kept: a step's few rows have other statistics.
        vectors_NLD = projector(torch.cat([examples.auxiliary_NFHW, examples.target_NFHW]))
        return vectors_NLD[[len(examples.auxiliary_NFHW) + target, *others]]
    features = [examples.target_NFHW[target], *examples.auxiliary_NFHW[others]]
    # One more row for the batch statistics, as published; what is made of it is thrown away.
    features.append(features[_lot(len(features), random)])
    return projector(torch.stack(features))[:-1]


def adain_of(projector: Projector) -> tuple[Tensor, Tensor] | None:
    """Return weight and bias of the AdaIN head, or None where there is none."""
    return None if projector.adain is None else (projector.adain.weight, projector.adain.bias)


def _lot(count: int, random: torch.Generator) -> int:
    return int(torch.randint(count, (1,), generator=random).item())
