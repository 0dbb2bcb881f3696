"""Features: what the UNet's encoder makes of a picture, taken on its way to the middle block.

Letters: B rows of a call, N pictures, F channels, H and W sides of the feature.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from diffusers import DDPMScheduler
from torch import Tensor, nn

from troupe_worker.models import BaseModel
from troupe_worker.prompts import Conditioning
from troupe_worker.sampling import draw_noise, predict, size_ids

LAYERS = ("encoder", "middle")


@contextmanager
def record_features(base: BaseModel, layer: str = "encoder") -> Iterator[list[Tensor]]:
    """Keep the feature (B, F, H, W) of the newest UNet call while the context lasts: what enters the middle block, or leaves it.
    Residuals that others add behind the middle block are not in it."""
    kept: list[Tensor] = []

    def keep(module: nn.Module, inputs: tuple[Tensor, ...], answer: Any = None) -> None:
        kept[:] = [(inputs[0] if layer == "encoder" else answer).detach()]

    block = base.unet.mid_block
    handle = block.register_forward_pre_hook(keep) if layer == "encoder" else block.register_forward_hook(keep)
    try:
        yield kept
    finally:
        handle.remove()


def feature_shape(base: BaseModel) -> tuple[int, int]:
    """Return channels and side of the feature of a picture of the model's own size."""
    halvings = sum(getattr(block, "downsamplers", None) is not None for block in base.unet.down_blocks)
    return base.unet.config.block_out_channels[-1], base.unet.config.sample_size // 2**halvings


@torch.no_grad()
def read_features(base: BaseModel, z_NCHW: Tensor, told: Conditioning, layer: str, seed: int) -> Tensor:
    """Return features (N, F, H, W) of clean latents: one UNet call each, at the smallest timestep that the model knows."""
    scheduler = DDPMScheduler.from_config(base.scheduler_config)
    found = []
    with record_features(base, layer) as kept:
        for row in range(len(z_NCHW)):
            t_1 = torch.zeros(1, dtype=torch.long, device=base.device)
            z_1CHW = z_NCHW[row : row + 1]
            noise_1CHW = draw_noise([seed + row], tuple(z_1CHW.shape[1:])).to(base.device)
            ids_16 = size_ids(base, 1, base.native_size, base.native_size)
            predict(base, scheduler.add_noise(z_1CHW, noise_1CHW, t_1), t_1, told.rows([row]), ids_16)
            found.append(kept[0].float())
    return torch.cat(found)
