"""OneActor (arXiv 2404.10267): a projector learns, from features of the UNet's own encoder, what to add to the noun of a prompt.

The base model stays as it is. What is kept of a subject is two vectors; the projector that made them is thrown away.
Letters: B rows of a step, K auxiliaries in it, N pictures, L tokens of the base word, D width of a token's state.
"""

import copy
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import torch
from diffusers import DDPMScheduler
from torch import Tensor

from troupe_worker.adapters import Adapter
from troupe_worker.contracts import Sampler
from troupe_worker.errors import JobFailed
from troupe_worker.features import feature_shape
from troupe_worker.methods.oneactor.examples import Examples, make_examples
from troupe_worker.methods.oneactor.lesson import Lesson, adain_of, find_loss, make_lesson, weigh_errors
from troupe_worker.methods.oneactor.offsets import Actor, find_base_word, guide_cluster
from troupe_worker.methods.oneactor.projector import Projector
from troupe_worker.methods.oneactor.settings import DEFAULTS, Settings
from troupe_worker.models import BaseModel, decode_latents
from troupe_worker.prompts import Conditioning
from troupe_worker.sampling import Denoise, OnStep, PictureRequest, draw_pictures
from troupe_worker.settings import read_settings
from troupe_worker.subjects import Learned, Subject, fill_prompt, make_adapter, only_adapter
from troupe_worker.training import Plateau, Session, train

__all__ = ["DEFAULTS", "NAME", "Settings", "phrase_prompt", "render", "strengthen", "tune", "weigh_errors"]

NAME = "oneactor"
PROBE_SEEDS = range(4)
PROBE_SAMPLER = Sampler(name="dpm-solver++", steps=8, guidance=4)


def tune(base: BaseModel, subject: Subject, settings: Settings, session: Session) -> tuple[Adapter, list[float]]:
    """Learn a subject; return its adapter and the loss of every step."""
    kept = session.checkpoints.load()
    lesson = make_lesson(base, subject, make_examples(base, subject, settings, session, kept), settings)
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
    tensors = write_actor(make_actor(projector, lesson.examples, settings.norm))
    return make_adapter(NAME, tensors, settings, base, subject), losses


def render(
    base: BaseModel,
    subjects: list[Learned],
    batches: Iterable[list[PictureRequest]],
    sampler: Sampler,
    on_step: OnStep = lambda step: None,
) -> Iterator[Tensor]:
    """Draw batch after batch of uint8 pictures (B, H, W, 3) with this subject."""
    adapter = only_adapter(subjects, NAME)
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


@torch.no_grad()
def make_actor(projector: Projector, examples: Examples, norm: str) -> Actor:
    """Make the vectors of a subject. With `running` the auxiliaries do not touch the target's vector. Otherwise BatchNorm takes
    its statistics of all features together, as the release does by never leaving training mode."""
    # A copy: looking at a projector must not move its running statistics.
    reader = copy.deepcopy(projector).train(norm != "running")
    vectors_NLD = reader(torch.cat([examples.auxiliary_NFHW, examples.target_NFHW]))
    count = len(examples.auxiliary_NFHW)
    adain = adain_of(reader)
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
        made = make_actor(projector, lesson.examples, settings.norm)
        actor = read_actor(base, make_adapter(NAME, write_actor(made), settings, base, subject))
        drawn_BV = encode(_draw(base, requests, subject.noun, actor, settings, PROBE_SAMPLER))
        return round((drawn_BV @ targets_NV.T).mean().item(), 6)

    return Plateau(measure, settings.probe_every, settings.probe_patience)


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
