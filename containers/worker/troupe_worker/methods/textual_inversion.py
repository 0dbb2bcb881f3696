"""Textual inversion (arXiv 2208.01618): a new word is learned in front of the frozen text encoders, and nothing else.

Letters: B rows of a step, N pictures, C latent channels, H and W sides in latents, E width of a word's embedding.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import torch
from diffusers import DDPMScheduler
from torch import Tensor, nn

from troupe_worker.adapters import Adapter
from troupe_worker.contracts import Sampler
from troupe_worker.lessons import EARLINESS_RANGE, draw_times, encode_references, find_errors
from troupe_worker.models import BaseModel
from troupe_worker.prompts import check_token, encode_prompts, replace_words
from troupe_worker.sampling import OnStep, PictureRequest, draw_pictures
from troupe_worker.settings import check_ranges
from troupe_worker.subjects import Learned, Subject, caption, fill_prompt, make_adapter, only_adapter
from troupe_worker.templates import TEMPLATES
from troupe_worker.training import Session, train

NAME = "textual-inversion"


@dataclass(frozen=True)
class Settings:
    """The published settings (diffusers' textual inversion example)."""

    learning_rate: float = 5e-4
    steps: int = 3000
    batch: int = 4
    earliness: float = 1.0  # of the times that are learned at: 1 for even ones
    views: int = 4
    max_zoom: float = 1.15
    seed: int = 0

    def __post_init__(self) -> None:
        ranges = {"learning_rate": (1e-7, 1.0), "steps": (1, 20_000), "batch": (1, 64), "views": (1, 64)}
        check_ranges(self, ranges | {"max_zoom": (1.0, 4.0), "earliness": EARLINESS_RANGE, "seed": (0, 2**32 - 1)})


DEFAULTS: Mapping[str, Settings] = {
    "sd15": Settings(),
    "sdxl": Settings(),
    "paperdoll": Settings(learning_rate=5e-3, steps=300, earliness=2.5, views=8),
}


def tune(base: BaseModel, subject: Subject, settings: Settings, session: Session) -> tuple[Adapter, list[float]]:
    """Learn a subject; return its adapter and the loss of every step."""
    check_token(base, subject.token)
    kept = session.checkpoints.load()
    random = torch.Generator().manual_seed(settings.seed)
    views_NCHW = encode_references(base, subject.references, settings.views, settings.max_zoom, random, session, kept)
    scheduler = DDPMScheduler.from_config(base.scheduler_config)
    random = torch.Generator().manual_seed(settings.seed)
    words = {f"word.{place}": nn.Parameter(vector) for place, vector in enumerate(read_noun(base, subject.noun))}
    losses = train(
        words,
        lambda: find_loss(base, subject, views_NCHW, tuple(words.values()), settings, scheduler, random),
        settings.steps,
        settings.learning_rate,
        random,
        session,
        kept,
    )
    tensors = {key: parameter.detach().cpu().clone() for key, parameter in words.items()}
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
    words = tuple(adapter.tensors[f"word.{place}"].to(base.device) for place in range(len(base.text_encoders)))
    with replace_words(base, {adapter.token: words}):
        for requests in batches:
            yield draw_pictures(base, requests, sampler, on_step)


def phrase_prompt(prompt: str, subjects: list[Learned]) -> str:
    """Name each subject by its word alone: it was learned in the noun's place."""
    return fill_prompt(prompt, {it.name: f"a {it.adapter.token}" for it in subjects})


def read_noun(base: BaseModel, noun: str) -> list[Tensor]:
    """Return where the word starts from: for each text encoder the mean embedding (E,) of the noun's tokens, in float32."""
    found = []
    for tokenizer, encoder in zip(base.tokenizers, base.text_encoders, strict=True):
        ids = tokenizer(noun, add_special_tokens=False).input_ids
        found.append(encoder.get_input_embeddings().weight[ids].detach().float().mean(0))
    return found


def find_loss(
    base: BaseModel,
    subject: Subject,
    views_NCHW: Tensor,
    words: tuple[Tensor, ...],
    settings: Settings,
    scheduler: DDPMScheduler,
    random: torch.Generator,
) -> Tensor:
    """Return the loss of one random batch: views of references under their captions, or under sentences about the word."""
    views = torch.randint(len(views_NCHW), (settings.batch,), generator=random).tolist()
    templates = TEMPLATES[base.ref.family]
    sentences = torch.randint(len(templates), (settings.batch,), generator=random).tolist()
    noise_BCHW = torch.randn(views_NCHW[views].shape, generator=random).to(base.device)
    t_B = draw_times(settings.batch, settings.earliness, scheduler, random).to(base.device)
    texts = []
    for view, sentence in zip(views, sentences, strict=True):
        given = subject.references[view // settings.views].caption
        bare = templates[sentence].format(subject.token)
        texts.append(bare if given is None else caption(subject.name, f"a {subject.token}", given))
    with replace_words(base, {subject.token: words}):
        told = encode_prompts(base, texts)
    return find_errors(base, views_NCHW[views], noise_BCHW, t_B, told, scheduler).mean()
