"""Sampling: the way from noise to a picture. A method changes what is denoised, never this walk.

Letters: B pictures, C latent channels, H and W sides in latents. `t` is the scheduler's own timestep.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from threading import Event

import torch
from diffusers import DDIMScheduler, DPMSolverMultistepScheduler, SchedulerMixin
from torch import Tensor

from troupe_worker.attention import remember_words
from troupe_worker.contracts import Sampler
from troupe_worker.cores import cut_rows, run_parts
from troupe_worker.errors import JobFailed
from troupe_worker.models import BaseModel, decode_latents
from troupe_worker.prompts import Conditioning, encode_nothing, encode_prompts
from troupe_worker.traces import recorded_calls

Denoise = Callable[[Tensor, Tensor], Tensor]  # (noisy latents (B, C, H, W), t) -> the model's prediction
OnStep = Callable[[int], None]


@dataclass(frozen=True)
class PictureRequest:
    """One picture to draw: the prompt as the text encoder will read it, and the seed of its noise."""

    prompt: str
    seed: int
    width: int
    height: int


# (the pictures, what they are told, the timesteps ahead) -> how a method denoises
MakeDenoise = Callable[[list[PictureRequest], Conditioning, Tensor], Denoise]


def make_scheduler(base: BaseModel, sampler: Sampler) -> SchedulerMixin:
    """Return the scheduler of `sampler` for what the base model was trained to predict."""
    if sampler.name == "ddim":
        scheduler = DDIMScheduler.from_config(base.scheduler_config)
    else:
        scheduler = DPMSolverMultistepScheduler.from_config(base.scheduler_config, algorithm_type="dpmsolver++")
    scheduler.set_timesteps(sampler.steps, device=base.device)
    return scheduler


def draw_noise(seeds: list[int], shape_CHW: tuple[int, int, int]) -> Tensor:
    """Return (B, C, H, W) noise, each picture from its own seed and on the CPU: batch and card never change it."""
    return torch.stack([torch.randn(shape_CHW, generator=torch.Generator("cpu").manual_seed(seed)) for seed in seeds])


def size_ids(base: BaseModel, count: int, width: int, height: int) -> Tensor:
    """Return what SDXL is told of sizes: original size, crop corner, target size, as (B, 6)."""
    ids = torch.tensor([[height, width, 0, 0, height, width]], dtype=base.dtype, device=base.device)
    return ids.repeat(count, 1)


def predict(base: BaseModel, x_BCHW: Tensor, t: Tensor, told: Conditioning, ids_B6: Tensor | None) -> Tensor:
    """Ask the UNet once. Latents stay float32 outside it, so that half precision is not lost at every step."""
    added = None if told.pooled_BP is None else {"text_embeds": told.pooled_BP, "time_ids": ids_B6}
    x_BCHW = x_BCHW.to(base.dtype)
    answer = base.unet(x_BCHW, t, encoder_hidden_states=told.states_BTD, added_cond_kwargs=added, return_dict=False)
    return answer[0].float()


def guide(base: BaseModel, told: Conditioning, guidance: float, width: int, height: int) -> Denoise:
    """Return the denoiser of classifier-free guidance; at a guidance of 1 the unprompted half is not computed."""
    count = len(told.states_BTD)
    if guidance <= 1:
        ids = size_ids(base, count, width, height)
        return lambda x_BCHW, t: predict(base, x_BCHW, t, told, ids)
    nothing = encode_nothing(base, told)
    pooled = None if told.pooled_BP is None else torch.cat([nothing.pooled_BP, told.pooled_BP])
    both = Conditioning(torch.cat([nothing.states_BTD, told.states_BTD]), pooled)
    ids = size_ids(base, 2 * count, width, height)

    def denoise(x_BCHW: Tensor, t: Tensor) -> Tensor:
        without, with_prompt = predict(base, torch.cat([x_BCHW] * 2), t, both, ids).chunk(2)
        return without + guidance * (with_prompt - without)

    return denoise


def walk(denoise: Denoise, x_BCHW: Tensor, scheduler: SchedulerMixin, on_step: OnStep = lambda step: None) -> Tensor:
    """Follow `denoise` down the scheduler's timesteps and return the clean latents (B, C, H, W)."""
    for step, t in enumerate(scheduler.timesteps):
        x_BCHW = scheduler.step(denoise(x_BCHW, t), t, x_BCHW, return_dict=False)[0]
        on_step(step)
    return x_BCHW


def draw_latents(
    base: BaseModel,
    requests: list[PictureRequest],
    sampler: Sampler,
    on_step: OnStep = lambda step: None,
    make_denoise: MakeDenoise | None = None,
    whole: bool = False,
) -> Tensor:
    """Draw the latents (B, C, H, W) of pictures of one size; by plain guidance, or as a method denoises. On a CPU each core draws
    its share of them, unless somebody who looks on wants to see the batch `whole`."""
    width, height = requests[0].width, requests[0].height
    assert all((request.width, request.height) == (width, height) for request in requests), "one size a batch"
    cell = base.pixels_per_latent
    if width % cell or height % cell:
        raise ValueError(f"{width} x {height} is no multiple of {cell} pixels")
    broken, causes = Event(), []

    def draw(rows: slice) -> Tensor:
        def tick(step: int) -> None:
            if broken.is_set():
                raise RuntimeError("another part of the batch ended early")
            if rows.start == 0:
                on_step(step)

        try:
            return _draw_part(base, requests[rows], sampler, tick, make_denoise)
        except BaseException as error:
            causes.append(error)  # before others can see it: theirs come after
            broken.set()
            raise

    cuts = [slice(0, len(requests))] if whole else cut_rows(len(requests), base.device)
    try:
        with remember_words(base), recorded_calls(base):
            z_BCHW = torch.cat(run_parts([partial(draw, rows) for rows in cuts]))
    except BaseException as error:
        broken.set()  # the process may be told to end: no part goes on alone
        raise (causes or [error])[0] from None
    if not torch.isfinite(z_BCHW).all():
        raise JobFailed("numbers_not_finite", "The drawing left the range of numbers: the adapter or the base model is damaged.")
    return z_BCHW


@torch.no_grad()
def _draw_part(
    base: BaseModel, requests: list[PictureRequest], sampler: Sampler, on_step: OnStep, make_denoise: MakeDenoise | None
) -> Tensor:
    width, height = requests[0].width, requests[0].height
    told = encode_prompts(base, [request.prompt for request in requests])
    scheduler = make_scheduler(base, sampler)
    if make_denoise:
        denoise = make_denoise(requests, told, scheduler.timesteps)
    else:
        denoise = guide(base, told, sampler.guidance, width, height)
    cell = base.pixels_per_latent
    shape = (base.unet.config.in_channels, height // cell, width // cell)
    noise_BCHW = draw_noise([request.seed for request in requests], shape).to(base.device)
    return walk(denoise, noise_BCHW * scheduler.init_noise_sigma, scheduler, on_step)


def draw_pictures(
    base: BaseModel,
    requests: list[PictureRequest],
    sampler: Sampler,
    on_step: OnStep = lambda step: None,
    make_denoise: MakeDenoise | None = None,
) -> Tensor:
    """Draw uint8 pictures (B, H, W, 3) of one size, on the CPU."""
    z_BCHW = draw_latents(base, requests, sampler, on_step, make_denoise)
    parts = [partial(decode_latents, base, z_BCHW[rows]) for rows in cut_rows(len(requests), base.device)]
    return torch.cat(run_parts(parts))
