"""Drawing with the base model for a bench: the worker's own render path, nothing beside it."""

import numpy as np
import torch
from troupe_worker.contracts import Sampler
from troupe_worker.models import BaseModel, decode_latents, encode_pictures
from troupe_worker.prompts import encode_prompts
from troupe_worker.sampling import PictureRequest, draw_noise, draw_pictures, guide, make_scheduler

from troupe_bench.sight import Pixels

SIDE = 128
SAMPLER = Sampler(name="dpm-solver++", steps=20, guidance=4.0)


def draw_prompts(base: BaseModel, prompts: list[str], seeds: list[int], sampler: Sampler = SAMPLER) -> Pixels:
    """Return (B, 128, 128, 3): one batch, as the worker draws it."""
    asked = [PictureRequest(prompt, seed, SIDE, SIDE) for prompt, seed in zip(prompts, seeds, strict=True)]
    return draw_pictures(base, asked, sampler).numpy()


@torch.no_grad()
def redraw(base: BaseModel, pixels_BHWC: Pixels, prompts: list[str], seeds: list[int], strength: float) -> Pixels:
    """Return pictures noised up to `strength` of the way and drawn again by the base model: its hand, the picture's layout."""
    scheduler = make_scheduler(base, SAMPLER)
    timesteps = scheduler.timesteps[int(round(len(scheduler.timesteps) * (1 - strength))) :]
    clean_BCHW = encode_pictures(base, torch.from_numpy(pixels_BHWC))
    noise_BCHW = draw_noise(seeds, tuple(clean_BCHW.shape[1:])).to(base.device)
    x_BCHW = scheduler.add_noise(clean_BCHW, noise_BCHW, timesteps[:1].repeat(len(seeds)))
    scheduler.set_begin_index(len(scheduler.timesteps) - len(timesteps))
    denoise = guide(base, encode_prompts(base, prompts), SAMPLER.guidance, SIDE, SIDE)
    for t in timesteps:
        x_BCHW = scheduler.step(denoise(x_BCHW, t), t, x_BCHW, return_dict=False)[0]
    return decode_latents(base, x_BCHW).numpy()


def psnr(one: np.ndarray, other: np.ndarray) -> float:
    """Return the peak signal-to-noise ratio in dB of two uint8 arrays."""
    error = np.square(one.astype(np.float64) - other.astype(np.float64)).mean()
    return float(10 * np.log10(255**2 / max(error, 1e-9)))
