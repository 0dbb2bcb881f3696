"""P5: the worker's render path against the stock pipeline on the same weights, eight cells a batch, one run."""

import time

import numpy as np
import torch
from diffusers import DPMSolverMultistepScheduler, StableDiffusionPipeline
from troupe_worker.sampling import draw_noise

from troupe_bench.base.prompts import sample_prompt
from troupe_bench.bench import Unit
from troupe_bench.generate import SAMPLER, SIDE, draw_prompts
from troupe_bench.kit import BASE, Kit
from troupe_bench.rows import Row

CELLS, RUNS = 8, 3


def measure_speed(unit: Unit, kit: Kit, seed: int) -> list[Row]:
    """Return a row a run: seconds of both for the same cells in turn, and the largest difference of any pixel, of 255."""
    pipeline = StableDiffusionPipeline.from_pretrained(kit.models / BASE, torch_dtype=torch.float32, local_files_only=True).to(
        kit.base.device
    )
    pipeline.set_progress_bar_config(disable=True)
    pipeline.scheduler = DPMSolverMultistepScheduler.from_config(kit.base.scheduler_config, algorithm_type="dpmsolver++")
    rows = []
    for run in range(-1, RUNS):
        prompts = [sample_prompt(seed, 6_000 + CELLS * max(run, 0) + number)[2] for number in range(CELLS)]
        seeds = list(range(CELLS))
        began = time.perf_counter()
        ours = draw_prompts(kit.base, prompts, seeds)
        between = time.perf_counter()
        stock = _draw_stock(pipeline, kit, prompts, seeds)
        ended = time.perf_counter()
        if run >= 0:  # the first run warms both up
            apart = np.abs(ours.astype(np.int16) - stock.astype(np.int16))
            rows.append(
                {
                    "subject": f"run {run}", "seconds": between - began, "stockSeconds": ended - between,
                    "largest": int(apart.max()), "beyondTwo": float((apart > 2).mean()),
                }
            )  # fmt: skip
    return rows


def _draw_stock(pipeline: StableDiffusionPipeline, kit: Kit, prompts: list[str], seeds: list[int]) -> np.ndarray:
    """Draw as whoever has the folder and diffusers would: one call for the batch, the same noise."""
    cell = kit.base.pixels_per_latent
    noise = draw_noise(seeds, (kit.base.unet.config.in_channels, SIDE // cell, SIDE // cell))
    with torch.no_grad():
        drawn = pipeline(
            prompts, num_inference_steps=SAMPLER.steps, guidance_scale=SAMPLER.guidance, latents=noise, output_type="np",
            height=SIDE, width=SIDE,
        )  # fmt: skip
    return (drawn.images * 255).round().astype(np.uint8)
