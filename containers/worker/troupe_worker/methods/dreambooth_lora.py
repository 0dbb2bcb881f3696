"""DreamBooth with LoRA (arXiv 2208.12242, 2106.09685): a rare word learns the subject, and the class stays what it was.

The class is held by prior preservation: pictures that the base model itself draws of the noun are learned beside the references.
Letters: B rows of a step (references, then class pictures), N pictures, C latent channels, H and W sides in latents.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

import torch
from diffusers import DDPMScheduler
from torch import Tensor

from troupe_worker.adapters import Adapter
from troupe_worker.contracts import Sampler
from troupe_worker.lessons import EARLINESS_RANGE, draw_class, draw_times, encode_references, find_errors
from troupe_worker.lora import add_lora, drop_loras, wear_loras
from troupe_worker.models import BaseModel
from troupe_worker.prompts import Conditioning, check_token, encode_prompts
from troupe_worker.sampling import OnStep, PictureRequest, draw_pictures
from troupe_worker.settings import check_ranges
from troupe_worker.subjects import Learned, Subject, caption, fill_prompt, make_adapter
from troupe_worker.training import Session, train

NAME = "dreambooth-lora"


@dataclass(frozen=True)
class Settings:
    """The published settings (diffusers' DreamBooth-LoRA example)."""

    rank: int = 4
    learning_rate: float = 1e-4
    steps: int = 500
    batch: int = 1
    class_pictures: int = 100
    class_steps: int = 25
    class_guidance: float = 7.5
    prior_weight: float = 1.0
    earliness: float = 1.0  # of the times that are learned at: 1 for even ones
    views: int = 4
    max_zoom: float = 1.15
    seed: int = 0

    def __post_init__(self) -> None:
        ranges = {"rank": (1, 256), "learning_rate": (1e-7, 1e-1), "steps": (1, 20_000), "batch": (1, 64)}
        ranges |= {"class_pictures": (1, 1_000), "class_steps": (1, 200), "class_guidance": (1.0, 30.0)}
        ranges |= {"prior_weight": (0.0, 10.0), "earliness": EARLINESS_RANGE}
        ranges |= {"views": (1, 64), "max_zoom": (1.0, 4.0), "seed": (0, 2**32 - 1)}
        check_ranges(self, ranges)


DEFAULTS: Mapping[str, Settings] = {
    "sd15": Settings(),
    "sdxl": Settings(class_guidance=5.0),
    "paperdoll": Settings(
        rank=8,
        learning_rate=1e-3,
        steps=300,
        batch=4,
        class_pictures=24,
        class_steps=16,
        class_guidance=4.0,
        earliness=2.5,
        views=8,
    ),
}


@dataclass(frozen=True)
class Lesson:
    """What every step draws from: latents, and the prompts that tell of them (one a reference, then the class)."""

    views_NCHW: Tensor
    class_NCHW: Tensor
    told: Conditioning


def tune(base: BaseModel, subject: Subject, settings: Settings, session: Session) -> tuple[Adapter, list[float]]:
    """Learn a subject; return its adapter and the loss of every step."""
    check_token(base, subject.token)
    kept = session.checkpoints.load()
    random = torch.Generator().manual_seed(settings.seed)
    views = encode_references(base, subject.references, settings.views, settings.max_zoom, random, session, kept)
    class_prompt = f"a {subject.noun}"
    sampler = Sampler(name="dpm-solver++", steps=settings.class_steps, guidance=settings.class_guidance)
    drawn = draw_class(base, class_prompt, settings.class_pictures, sampler, session, kept)
    with torch.no_grad():
        phrase = _phrase(subject.token, subject.noun)
        told = encode_prompts(base, [*(caption(subject.name, phrase, it.caption) for it in subject.references), class_prompt])
    lesson = Lesson(views, drawn, told)
    scheduler = DDPMScheduler.from_config(base.scheduler_config)
    # A generator of its own: a resumed run does not cut views again, and must draw the same numbers all the same.
    random = torch.Generator().manual_seed(settings.seed)
    parameters = add_lora(base, NAME, settings.rank, random)
    try:
        losses = train(
            parameters,
            lambda: find_loss(base, lesson, settings, scheduler, random),
            settings.steps,
            settings.learning_rate,
            random,
            session,
            kept,
        )
        tensors = {key: parameter.detach().cpu().clone() for key, parameter in parameters.items()}
    finally:
        drop_loras(base)
    return make_adapter(NAME, tensors, settings, base, subject), losses


def render(
    base: BaseModel,
    subjects: list[Learned],
    batches: Iterable[list[PictureRequest]],
    sampler: Sampler,
    on_step: OnStep = lambda step: None,
) -> Iterator[Tensor]:
    """Draw batch after batch of uint8 pictures (B, H, W, 3) with these subjects."""
    with wear_loras(base, {subject.name: subject.adapter.tensors for subject in subjects}):
        for requests in batches:
            yield draw_pictures(base, requests, sampler, on_step)


def phrase_prompt(prompt: str, subjects: list[Learned]) -> str:
    """Name each subject as its tuning did."""
    return fill_prompt(prompt, {it.name: _phrase(it.adapter.token, it.adapter.noun) for it in subjects})


def strengthen(adapter: Adapter, strength: float) -> Adapter:
    """Return the adapter as it draws at another strength: 1 is what was learned, 0 the base model."""
    scaled = {key: it * strength if key.endswith("lora_B.weight") else it for key, it in adapter.tensors.items()}
    return replace(adapter, tensors=scaled)


def find_loss(base: BaseModel, lesson: Lesson, settings: Settings, scheduler: DDPMScheduler, random: torch.Generator) -> Tensor:
    """Return the loss of one random batch. Everything random comes from `random`, on the CPU."""
    count = settings.batch
    views = torch.randint(len(lesson.views_NCHW), (count,), generator=random).tolist()
    classes = torch.randint(len(lesson.class_NCHW), (count,), generator=random).tolist()
    clean_BCHW = torch.cat([lesson.views_NCHW[views], lesson.class_NCHW[classes]])
    noise_BCHW = torch.randn(clean_BCHW.shape, generator=random).to(base.device)
    t_B = draw_times(2 * count, settings.earliness, scheduler, random).to(base.device)
    told = lesson.told.rows([view // settings.views for view in views] + [-1] * count)
    error_B = find_errors(base, clean_BCHW, noise_BCHW, t_B, told, scheduler)
    return error_B[:count].mean() + settings.prior_weight * error_B[count:].mean()


def _phrase(token: str, noun: str) -> str:
    return f"a {token} {noun}"
