"""OneActor (arXiv 2404.10267): a projector learns, from features of the UNet's own encoder, what to add to the noun of a prompt.

The base model stays as it is. What is kept of a subject is two vectors; the projector that made them is thrown away.
Letters: B rows of a step, K auxiliaries in it, N pictures, L tokens of the base word, D width of a token's state.
"""

import copy
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import torch
from diffusers import DDPMScheduler
from torch import Tensor

from troupe_worker.adapters import Adapter
from troupe_worker.contracts import Recipe, Sampler
from troupe_worker.errors import JobFailed
from troupe_worker.features import feature_shape
from troupe_worker.lessons import find_errors
from troupe_worker.methods.oneactor.examples import Examples, make_examples
from troupe_worker.methods.oneactor.offsets import Actor, add_offsets, find_base_word, guide_cluster, read_words
from troupe_worker.methods.oneactor.projector import Projector, modulate
from troupe_worker.methods.oneactor.settings import DEFAULTS, Settings
from troupe_worker.models import BaseModel, decode_latents
from troupe_worker.prompts import Conditioning, encode_prompts
from troupe_worker.sampling import Denoise, OnStep, PictureRequest, draw_pictures
from troupe_worker.settings import read_settings, write_settings
from troupe_worker.subjects import Learned, Subject, fill_prompt
from troupe_worker.templates import TEMPLATES
from troupe_worker.training import Plateau, Session, train

__all__ = ["DEFAULTS", "NAME", "Settings", "phrase_prompt", "render", "strengthen", "tune"]

NAME = "oneactor"
PROBE_SEEDS = range(4)
PROBE_SAMPLER = Sampler(name="dpm-solver++", steps=8, guidance=4)


@dataclass(frozen=True)
class Lesson:
    """What every step draws from: pictures with their features, sentences, and where each sentence has the base word."""

    examples: Examples
    told: Conditioning  # the templates, then the captions of the targets that have one
    places: list[tuple[int, ...]]
    captions: list[int | None]  # by target: its row of `told`
    templates: int


def tune(base: BaseModel, subject: Subject, settings: Settings, session: Session) -> tuple[Adapter, list[float]]:
    """Learn a subject; return its adapter and the loss of every step."""
    kept = session.checkpoints.load()
    lesson = make_lesson(base, subject, make_examples(base, subject, settings, session, kept))
    scheduler = DDPMScheduler.from_config(base.scheduler_config)
    random = torch.Generator().manual_seed(settings.seed)
    width = lesson.told.states_BTD.shape[-1]
    projector = Projector(*feature_shape(base), len(lesson.places[0]), width, settings.adain).start(random).to(base.device)
    with _holding_less(base, settings.recompute):
        losses = train(
            dict(projector.named_parameters()),
            lambda: find_loss(base, lesson, projector.train(), settings, scheduler, random),
            settings.steps,
            settings.learning_rate,
            random,
            session,
            kept,
            dict(projector.named_buffers()),
            _watch(base, subject, settings, lesson, projector, session),
        )
    recipe = Recipe(method=NAME, settings=write_settings(settings), base_model=base.ref)
    tensors = write_actor(make_actor(projector, lesson.examples, settings.norm))
    return Adapter(tensors, recipe, subject.token, subject.noun, base.licence), losses


def render(
    base: BaseModel,
    subjects: list[Learned],
    batches: Iterable[list[PictureRequest]],
    sampler: Sampler,
    on_step: OnStep = lambda step: None,
) -> Iterator[Tensor]:
    """Draw batch after batch of uint8 pictures (B, H, W, 3) with this subject."""
    if len(subjects) != 1:
        raise JobFailed("method_unknown", f"OneActor draws one subject in a picture, not {len(subjects)}.")
    adapter = subjects[0].adapter
    settings = read_settings(DEFAULTS[base.ref.family], adapter.recipe.settings)
    actor = read_actor(base, adapter)
    for requests in batches:
        yield _draw(base, requests, adapter.noun, actor, settings, sampler, on_step)


def phrase_prompt(prompt: str, subjects: list[Learned]) -> str:
    """Name each subject by its noun alone: the noun is the word that is steered."""
    return fill_prompt(prompt, {it.name: f"a {it.adapter.noun}" for it in subjects})


def strengthen(adapter: Adapter, strength: float) -> Adapter:
    """Return the adapter as it draws at another strength v."""
    settings = {**adapter.recipe.settings, "strength": float(strength)}
    return replace(adapter, recipe=adapter.recipe.model_copy(update={"settings": settings}))


def make_lesson(base: BaseModel, subject: Subject, examples: Examples) -> Lesson:
    """Encode every sentence once. A subject's noun must be found in each."""
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
    t_B = torch.randint(scheduler.config.num_train_timesteps, (count + 2,), generator=random).to(base.device)
    sentences = torch.randint(lesson.templates, (count + 1,), generator=random).tolist()
    described = lesson.captions[target]
    sentences[0] = sentences[0] if described is None else described
    sentences.append(sentences[0])

    features = [examples.target_NFHW[target], *examples.auxiliary_NFHW[others]]
    # One more row for the batch statistics, as published; what is made of it is thrown away.
    features.append(features[_lot(count + 1, random)])
    vectors_BLD = projector(torch.stack(features))[:-1]
    vectors_BLD = torch.cat([vectors_BLD, vectors_BLD[1:].mean(0, keepdim=True)])
    told, places = lesson.told.rows(sentences), [lesson.places[row] for row in sentences]
    offsets_BLD = modulate(vectors_BLD, read_words(told, places).float(), _adain(projector))
    error_B = find_errors(base, clean_BCHW, noise_BCHW, t_B, add_offsets(told, places, offsets_BLD), scheduler)
    return weigh_errors(error_B, settings)


def weigh_errors(error_B: Tensor, settings: Settings) -> Tensor:
    """Return the sum of the three losses: target, auxiliaries, average."""
    return error_B[0] + settings.auxiliary_weight * error_B[1:-1].mean() + settings.average_weight * error_B[-1]


@torch.no_grad()
def make_actor(projector: Projector, examples: Examples, norm: str) -> Actor:
    """Make the vectors of a subject. With `batch`, BatchNorm takes its statistics of all features together, as the release does
    by never leaving training mode; with `running`, the auxiliaries do not touch the target's vector."""
    # A copy: looking at a projector must not move its running statistics.
    reader = copy.deepcopy(projector).train(norm == "batch")
    vectors_NLD = reader(torch.cat([examples.auxiliary_NFHW, examples.target_NFHW]))
    count = len(examples.auxiliary_NFHW)
    adain = _adain(reader)
    return Actor(vectors_NLD[count:].mean(0), vectors_NLD[:count].mean(0), adain)


def write_actor(actor: Actor) -> dict[str, Tensor]:
    """Return the tensors of an adapter: two vectors, and the AdaIN head where there is one."""
    head = {} if actor.adain is None else {"adain.weight": actor.adain[0].detach(), "adain.bias": actor.adain[1].detach()}
    return {"target": actor.target_LD, "average": actor.average_LD} | head


def read_actor(base: BaseModel, adapter: Adapter) -> Actor:
    """Return what an adapter holds, on the device of the base model."""
    tensors = {name: tensor.to(base.device, base.dtype) for name, tensor in adapter.tensors.items()}
    head = (tensors["adain.weight"], tensors["adain.bias"]) if "adain.weight" in tensors else None
    return Actor(tensors["target"], tensors["average"], head)


def _draw(
    base: BaseModel,
    requests: list[PictureRequest],
    noun: str,
    actor: Actor,
    settings: Settings,
    sampler: Sampler,
    on_step: OnStep = lambda step: None,
) -> Tensor:
    def make_denoise(part: list[PictureRequest], told: Conditioning, timesteps: Tensor) -> Denoise:
        places = [find_base_word(base, request.prompt, noun) for request in part]
        return guide_cluster(base, told, timesteps, places, actor, settings, sampler, part[0].width, part[0].height)

    return draw_pictures(base, requests, sampler, on_step, make_denoise)


def _watch(
    base: BaseModel, subject: Subject, settings: Settings, lesson: Lesson, projector: Projector, session: Session
) -> Plateau | None:
    """Return the look at a probe picture that decides when to stop: how near it is to the targets, as the encoder sees them."""
    if settings.probe_every == 0:
        return None
    encode = session.encode
    if encode is None:
        sentence = "probeEvery asks for an identity encoder, and this worker has none; 0 runs all steps without one."
        raise JobFailed("model_unknown", sentence)
    targets_NV = encode(decode_latents(base, lesson.examples.target_NVCHW[:, 0]))
    prompt = settings.probe or f"a {subject.noun}"
    requests = [PictureRequest(prompt, seed, base.native_size, base.native_size) for seed in PROBE_SEEDS]

    def measure() -> float:
        actor = read_actor(base, _sketch(base, subject, settings, make_actor(projector, lesson.examples, settings.norm)))
        drawn_BV = encode(_draw(base, requests, subject.noun, actor, settings, PROBE_SAMPLER))
        return round((drawn_BV @ targets_NV.T).mean().item(), 6)

    return Plateau(measure, settings.probe_every, settings.probe_patience)


def _sketch(base: BaseModel, subject: Subject, settings: Settings, actor: Actor) -> Adapter:
    recipe = Recipe(method=NAME, settings=write_settings(settings), base_model=base.ref)
    return Adapter(write_actor(actor), recipe, subject.token, subject.noun, base.licence)


def _adain(projector: Projector) -> tuple[Tensor, Tensor] | None:
    return None if projector.adain is None else (projector.adain.weight, projector.adain.bias)


def _lot(count: int, random: torch.Generator) -> int:
    return int(torch.randint(count, (1,), generator=random).item())


@contextmanager
def _holding_less(base: BaseModel, wanted: bool) -> Iterator[None]:
    """While this lasts the UNet keeps less and computes more. It acts in training mode only; a UNet has no dropout to wake."""
    if not wanted:
        yield
        return
    base.unet.enable_gradient_checkpointing()
    base.unet.train()
    try:
        yield
    finally:
        base.unet.disable_gradient_checkpointing()
        base.unet.eval()
