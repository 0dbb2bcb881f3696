"""What the base model is trained to do: undo noise, by v-prediction on a squared-cosine schedule.

Shape letters: B batch, C channels, H and W height and width, T tokens, D features."""

import torch
import torch.nn.functional as F
from diffusers import DPMSolverMultistepScheduler, UNet2DConditionModel
from torch import Tensor

from paperdoll.train.half import half_precision

NUM_TIMES = 1000
# What a picture shows is decided early: with all else known a pattern (a squared distance of 600 in latents), an expression (580)
# or a pose (6,000) can be told from noise at a signal-to-noise ratio of 0.01, past which an even draw spends one time in sixteen.
EARLINESS = 2.5
_SNR_CAP = 5.0
_LEAST_WEIGHT = 0.35  # min-SNR alone gives the noisiest times next to none, and there the whole layout is decided


def build_unet(latent_channels: int, text_width: int) -> UNet2DConditionModel:
    """Return the untrained UNet of the base model."""
    return UNet2DConditionModel(
        sample_size=16,
        in_channels=latent_channels,
        out_channels=latent_channels,
        block_out_channels=(96, 192, 256),
        layers_per_block=1,
        cross_attention_dim=text_width,
        attention_head_dim=4,
        down_block_types=("CrossAttnDownBlock2D",) * 3,
        up_block_types=("CrossAttnUpBlock2D",) * 3,
    ).to(memory_format=torch.channels_last)


def build_scheduler() -> DPMSolverMultistepScheduler:
    """Return the sampler that the model folder names."""
    return DPMSolverMultistepScheduler(
        num_train_timesteps=NUM_TIMES,
        beta_schedule="squaredcos_cap_v2",
        prediction_type="v_prediction",
        algorithm_type="dpmsolver++",
        solver_order=2,
        timestep_spacing="trailing",
        steps_offset=1,
    )


def draw_times(count: int, generator: torch.Generator, earliness: float = EARLINESS) -> Tensor:
    """Return (B,) times in random order, one from each of B equal parts of a schedule with `earliness` times the noise to signal
    (the shift of Hoogeboom et al., "simple diffusion", section 3.1; the schedule itself stays)."""
    within = torch.rand(count, generator=generator)
    # On the squared-cosine schedule a time is an angle, noise its sine and signal its cosine.
    angles = (torch.arange(count) + within) / count * torch.pi / 2
    shifted = torch.atan2(earliness * angles.sin(), angles.cos())
    times = (shifted / (torch.pi / 2) * NUM_TIMES).long().clamp(max=NUM_TIMES - 1)
    return times[torch.randperm(count, generator=generator)]


def diffusion_loss(
    unet: UNet2DConditionModel,
    kept_T: Tensor,
    z_BCHW: Tensor,
    text_BTD: Tensor,
    times_B: Tensor,
    noise_BCHW: Tensor,
    cells_B1HW: Tensor | None = None,
) -> Tensor:
    """Return the v-prediction loss, min-SNR weighted; `kept_T` is the schedule's share of signal power (alpha bar), `cells_B1HW`
    how much each cell counts."""
    kept = kept_T.to(z_BCHW.device)[times_B].view(-1, 1, 1, 1)
    noisy = kept.sqrt() * z_BCHW + (1 - kept).sqrt() * noise_BCHW
    wanted = kept.sqrt() * noise_BCHW - (1 - kept).sqrt() * z_BCHW
    with half_precision(z_BCHW.device):
        made = unet(noisy.contiguous(memory_format=torch.channels_last), times_B, text_BTD).sample.float()
    snr = (kept / (1 - kept)).flatten()
    weight = (snr.clamp(max=_SNR_CAP) / (snr + 1)).clamp(min=_LEAST_WEIGHT)
    error = F.mse_loss(made, wanted, reduction="none")
    if cells_B1HW is not None:
        error = error * cells_B1HW / cells_B1HW.mean()
    return (error.mean((1, 2, 3)) * weight).mean()
