"""P5: the worker's render path against the stock pipeline on the same weights, eight cells a batch, one run.

The worker draws in the precision it picks; it draws in single precision too, to tell what half precision does to speed and
pictures from what the worker does."""

import time
from functools import partial

import numpy as np
import torch
from diffusers import DPMSolverMultistepScheduler, StableDiffusionPipeline
from troupe_worker.models import load_model
from troupe_worker.sampling import draw_noise

from troupe_bench.base.prompts import sample_prompt
from troupe_bench.bench import Unit
from troupe_bench.generate import SAMPLER, SIDE, draw_prompts
from troupe_bench.kit import BASE, Kit
from troupe_bench.rows import Row

CELLS, WARMING, RUNS = 8, 4, 3  # the worker has recorded its calls after three batches


def measure_speed(unit: Unit, kit: Kit, seed: int) -> list[Row]:
    """Return a row a run: seconds of each for the same cells in turn, and how far pictures are from the stock ones, of 255."""
    single = load_model(kit.models, kit.base_ref, kit.base.device.type, torch.float32)
    pipeline = StableDiffusionPipeline.from_pretrained(kit.models / BASE, torch_dtype=torch.float32, local_files_only=True).to(
        kit.base.device
    )
    pipeline.set_progress_bar_config(disable=True)
    pipeline.scheduler = DPMSolverMultistepScheduler.from_config(kit.base.scheduler_config, algorithm_type="dpmsolver++")
    ways = (partial(draw_prompts, kit.base), partial(draw_prompts, single), partial(_draw_stock, pipeline, kit))
    rows = []
    for run in range(-WARMING, RUNS):
        prompts = [sample_prompt(seed, 6_000 + CELLS * max(run, 0) + number)[2] for number in range(CELLS)]
        seeds = list(range(CELLS))
        marks = [time.perf_counter()]
        drawn = []
        for draw in ways:
            drawn.append(draw(prompts, seeds).astype(np.int16))
            marks.append(time.perf_counter())
        if run >= 0:  # those before warm all up
            taken, (apart, singly_apart) = np.diff(marks), [np.abs(ours - drawn[2]) for ours in drawn[:2]]
            rows.append(
                {
                    "subject": f"run {run}", "seconds": taken[0], "singleSeconds": taken[1], "stockSeconds": taken[2],
                    "largest": int(singly_apart.max()), "beyondTwo": float((apart > 2).mean()), "apart": float(apart.mean()),
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
