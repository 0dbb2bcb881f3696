"""The base model: a UNet trained on latents, first of halved pictures, where four times as many fit in a minute."""

import os
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import torch
from diffusers import AutoencoderKL, StableDiffusionPipeline, UNet2DConditionModel
from torch import Tensor
from transformers import CLIPTextModel, CLIPTokenizer

from paperdoll.dataset import DatasetSettings, sample_numbered
from paperdoll.train.diffusion import EARLINESS, build_scheduler, build_unet, diffusion_loss, draw_times
from paperdoll.train.latents import FeatureStore, LatentStore
from paperdoll.train.layout import LayoutLearner, LayoutStore, count_cells
from paperdoll.train.learner import Learner, LearnSettings, Part, num_parts, run_training
from paperdoll.train.progress import Reporter
from paperdoll.train.sheets import save_rows
from paperdoll.train.text import make_embedder

SHEET_SEED = 20
STEPS, GUIDANCE = 20, 4.0


@dataclass(frozen=True)
class BaseSettings:
    """What a base training needs beyond how to step."""

    seed: int = 0
    size: int = 128
    small_share: float = 0.5  # of the budget, on halved pictures
    small_batch: int = 16
    batch: int = 8
    num_pictures: int = 12_000  # of the data set: few enough that latents and features are soon all there
    dropout: float = 0.1  # of captions: guidance needs a model of no caption
    layout_weight: float = 0.1  # of the lesson in `layout.py`
    earliness: float = EARLINESS  # of the times that are drawn, 1 for even ones
    device: str = "cpu"  # as torch names it


def _order(seed: int, first: int, count: int, total: int) -> np.ndarray:
    """Return the picture numbers of samples `first` to `first + count`: once in order, then shuffled per epoch."""
    numbers = []
    for sample in range(first, first + count):
        epoch, place = divmod(sample, total)
        # Drawn at random already, so the first time through needs no shuffling, and latents are encoded in order.
        numbers.append(place if epoch == 0 else int(_shuffled(seed, epoch, total)[place]))
    return np.array(numbers)


_shuffles: dict[tuple[int, int, int], np.ndarray] = {}


def _shuffled(seed: int, epoch: int, total: int) -> np.ndarray:
    key = (seed, epoch, total)
    if key not in _shuffles:
        _shuffles.clear()
        _shuffles[key] = np.random.Generator(np.random.PCG64([seed, epoch])).permutation(total)
    return _shuffles[key]


def train_base(
    folder: Path,
    pictures: Path,
    vae: AutoencoderKL,
    text: tuple[CLIPTokenizer, CLIPTextModel],
    settings: LearnSettings,
    base: BaseSettings,
    begin_with: UNet2DConditionModel | None = None,
) -> None:
    """Train, or go on training, the UNet in `folder`; a fresh start may `begin_with` the weights of another."""
    torch.manual_seed(base.seed)
    device = torch.device(base.device)
    unet = (begin_with or build_unet(vae.config.latent_channels, text[1].config.hidden_size)).to(device)
    vae, text = vae.to(device), (text[0], text[1].to(device))
    taught, reporter = LayoutLearner(unet.train()).to(device), Reporter("base")
    learner = Learner(taught, settings)
    learner.restore(folder)
    features, scheduler = FeatureStore(make_embedder(*text)), build_scheduler()
    stores = {size: LatentStore(pictures, folder / "latents", vae, size) for size in (base.size // 2, base.size)}
    layouts = LayoutStore(pictures, folder / "latents", base.size // 8)

    if device.type != "cpu":  # a GPU would wait for what a processor draws: all of it first, by all cores
        numbers = np.arange(min(base.num_pictures, len(stores[base.size])))
        layouts.fill(numbers, os.cpu_count() or 1)
        stores[base.size].fill(numbers)

    def size_now() -> int:
        return base.size // 2 if learner.progress < base.small_share else base.size

    def parts_of(step: int) -> list[Part]:
        size = size_now()
        batch = base.small_batch if size < base.size else base.batch
        store, generator = stores[size], torch.Generator().manual_seed(base.seed * 1_000_003 + step)
        numbers = _order(base.seed, learner.samples, batch, min(base.num_pictures, len(store)))
        store.fill(numbers)
        layouts.fill(numbers)
        times_B = draw_times(batch, generator, base.earliness)
        seeds = [int(seed) for seed in torch.randint(2**31, (num_parts(device),), generator=generator)]

        def work(part: int) -> tuple[Tensor, dict[str, float], int]:
            own, mine = torch.Generator(device).manual_seed(seeds[part]), slice(part, None, num_parts(device))
            z_BCHW, captions = store.take(numbers[mine])
            dropped = (torch.rand(len(captions), generator=own, device=device) < base.dropout).tolist()
            text_BTD = features.take(["" if drop else said for said, drop in zip(captions, dropped, strict=True)])
            noise_BCHW = torch.randn(z_BCHW.shape, generator=own, device=device)
            shares_BPHW = layouts.take(numbers[mine], device)
            cells_B1HW = count_cells(shares_BPHW, z_BCHW.shape[-1])
            taught.watch()
            times = times_B[mine].to(device)
            loss = diffusion_loss(unet, scheduler.alphas_cumprod, z_BCHW, text_BTD, times, noise_BCHW, cells_B1HW)
            layout = taught.loss(shares_BPHW)
            said = {"size": float(size), "denoising": loss.item(), "layout": layout.item()}
            return loss + base.layout_weight * layout, said, len(captions)

        return [partial(work, part) for part in range(num_parts(device))]

    def draw_sheet() -> None:
        shown = build_unet(vae.config.latent_channels, text[1].config.hidden_size)
        shown.load_state_dict(unet_weights(learner.average))
        pipeline = build_pipeline(vae, text, shown.to(device))
        captions = sheet_captions(16)
        images = draw_captions(pipeline, captions, SHEET_SEED, size_now())
        path = folder / f"sheet-{learner.step:06d}.png"
        save_rows([images[:8], images[8:]], path, [captions[:8], captions[8:]] if size_now() == base.size else None)
        reporter.say("base.sheet", path=str(path), step=learner.step)

    run_training(learner, folder, reporter, parts_of, draw_sheet)


def unet_weights(average: dict[str, Tensor]) -> dict[str, Tensor]:
    """Return the UNet's part of a training's moving average."""
    return {name[5:]: value for name, value in average.items() if name.startswith("unet.")}


def build_pipeline(
    vae: AutoencoderKL, text: tuple[CLIPTokenizer, CLIPTextModel], unet: UNet2DConditionModel
) -> StableDiffusionPipeline:
    """Return the stock pipeline over the trained parts."""
    pipeline = StableDiffusionPipeline(
        vae=vae,
        text_encoder=text[1],
        tokenizer=text[0],
        unet=unet.eval(),
        scheduler=build_scheduler(),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


def sheet_captions(count: int, split: str = "test", seed: int = SHEET_SEED) -> list[str]:
    """Return the first `count` captions of `split` by `seed`."""
    settings = DatasetSettings(count, 128, split, seed)
    return [sample_numbered(settings, number)[2] for number in range(count)]


def draw_captions(
    pipeline: StableDiffusionPipeline, captions: list[str], seed: int, size: int, batch: int = 8
) -> list[np.ndarray]:
    """Return one (H, W, 3) uint8 picture a caption, each from its own seed."""
    images: list[np.ndarray] = []
    for at in range(0, len(captions), batch):
        some = captions[at : at + batch]
        generators = [torch.Generator().manual_seed(seed + at + place) for place in range(len(some))]
        made = pipeline(
            some, height=size, width=size, num_inference_steps=STEPS, guidance_scale=GUIDANCE, generator=generators,
            output_type="np",
        ).images  # fmt: skip
        images += list((made * 255).round().astype(np.uint8))
    return images
