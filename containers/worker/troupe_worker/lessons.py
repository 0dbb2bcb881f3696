"""Lessons: the latents that tuning draws its batches from. Made once and kept, so that a retry trains on the same bits.

Letters: N pictures, B rows of a step, C latent channels, H and W sides in latents.
"""

import torch
from diffusers import DDPMScheduler
from torch import Tensor
from torch.nn import functional

from troupe_worker.checkpoints import Snapshot
from troupe_worker.contracts import Sampler
from troupe_worker.cores import answer_in_parts, cut_rows
from troupe_worker.models import BaseModel, encode_pictures
from troupe_worker.pictures import cut_views
from troupe_worker.prompts import Conditioning
from troupe_worker.sampling import PictureRequest, draw_latents, predict, size_ids
from troupe_worker.subjects import Reference
from troupe_worker.training import Session

CLASS_BATCH = 8
CLASS_SEEDS = 1_000_000  # the first of the seeds that class pictures are drawn from
EARLINESS_RANGE = (0.1, 20.0)


def encode_references(
    base: BaseModel,
    references: list[Reference],
    views: int,
    max_zoom: float,
    random: torch.Generator,
    session: Session,
    kept: Snapshot | None,
) -> Tensor:
    """Return latents (N, C, H, W) of `views` views of each reference, reference by reference."""
    if kept and "references" in kept.parts:
        return kept.parts["references"]["latents"].to(base.device)
    found = []
    for done, reference in enumerate(references):
        session.on_progress("read references", done, len(references))
        found.append(encode_pictures(base, cut_views(reference.picture, base.native_size, views, max_zoom, random)).cpu())
    # Memory in the order of the shape, as a checkpoint gives it back: another order would round otherwise after a resume.
    latents_NCHW = torch.cat(found).contiguous()
    session.checkpoints.save({"references": {"latents": latents_NCHW}}, {"step": 0})
    return latents_NCHW.to(base.device)


def draw_class(base: BaseModel, prompt: str, count: int, sampler: Sampler, session: Session, kept: Snapshot | None) -> Tensor:
    """Return latents (N, C, H, W) that the base model itself draws of the class. Decoding and encoding would only blur them."""
    size, found = base.native_size, []
    for start in range(0, count, CLASS_BATCH):
        session.on_progress("draw the class", start, count)
        name = f"class-{start:04}"
        if kept and name in kept.parts:
            found.append(kept.parts[name]["latents"])
            continue
        seeds = range(CLASS_SEEDS + start, CLASS_SEEDS + min(start + CLASS_BATCH, count))
        requests = [PictureRequest(prompt, seed, size, size) for seed in seeds]
        found.append(draw_latents(base, requests, sampler).cpu())
        session.checkpoints.save({name: {"latents": found[-1]}}, {"step": 0})
    return torch.cat(found).to(base.device)


def draw_times(count: int, earliness: float, scheduler: DDPMScheduler, random: torch.Generator) -> Tensor:
    """Return (B,) times: even ones, moved to where a signal has `earliness` times as much noise (the shift of Hoogeboom et al.,
    "simple diffusion", section 3.1). What a subject looks like is decided early."""
    times_B = torch.randint(scheduler.config.num_train_timesteps, (count,), generator=random)
    if earliness == 1:
        return times_B
    kept_T = scheduler.alphas_cumprod
    ratios_T = ((1 - kept_T) / kept_T).sqrt()
    return torch.searchsorted(ratios_T, earliness * ratios_T[times_B]).clamp(max=len(ratios_T) - 1)


def find_errors(
    base: BaseModel, clean_BCHW: Tensor, noise_BCHW: Tensor, t_B: Tensor, told: Conditioning, scheduler: DDPMScheduler
) -> Tensor:
    """Return each row's mean squared error (B,) of what the model predicts from the noisy latents: noise, or velocity. On a CPU
    each core works out its share of the rows, and of the way back to what is trained."""
    ids_B6 = size_ids(base, len(clean_BCHW), base.native_size, base.native_size)
    noisy_BCHW = scheduler.add_noise(clean_BCHW, noise_BCHW, t_B)
    if scheduler.config.prediction_type == "v_prediction":
        wanted_BCHW = scheduler.get_velocity(clean_BCHW, noise_BCHW, t_B)
    else:
        wanted_BCHW = noise_BCHW

    def answer(rows: slice, states_BTD: Tensor) -> Tensor:
        part = Conditioning(states_BTD, None if told.pooled_BP is None else told.pooled_BP[rows])
        return predict(base, noisy_BCHW[rows], t_B[rows], part, ids_B6[rows])

    trained = [it for it in base.unet.parameters() if it.requires_grad]
    # A word that is being learned reaches the pooled states too, and that way back is not shared out.
    whole = told.pooled_BP is not None and told.pooled_BP.requires_grad
    cuts = [slice(0, len(clean_BCHW))] if whole else cut_rows(len(clean_BCHW), base.device)
    answer_BCHW = answer_in_parts(answer, told.states_BTD, trained, cuts)
    return functional.mse_loss(answer_BCHW, wanted_BCHW, reduction="none").mean((1, 2, 3))
