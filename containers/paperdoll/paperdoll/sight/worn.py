"""Worn pictures: what the base model's VAE makes of a set's pictures and of noise beside their latents.

Eyes that only saw clean renders read drawings worse; the base model's own are clean in outline and blurred in detail.
Shape letters: N pictures, B batch, C channels, H and W sides."""

from pathlib import Path

import numpy as np
import torch
from diffusers import AutoencoderKL

from paperdoll.sight.scenes import SIZE, WORN, Scenes
from paperdoll.train.checkpoint import open_map
from paperdoll.train.pictures import to_images, to_tensor

NOISE = 0.3  # the largest, in units of the latents' own spread: about what a sampler leaves
_BATCH = 16


@torch.inference_mode()
def wear_scenes(folder: Path, vae: AutoencoderKL, count: int, seed: int, on_worn=lambda count: None) -> None:
    """Pass the first `count` pictures of a set through `vae`, every second one with noise; a broken run begins anew."""
    images, part = Scenes(folder).images, folder / "worn-unfinished.npy"
    part.unlink(missing_ok=True)
    worn = open_map(part, np.uint8, (count, SIZE, SIZE, 3))
    for at in range(0, count, _BATCH):
        random = torch.Generator().manual_seed(seed * 1_000_003 + at)
        z_BCHW = vae.encode(to_tensor(images[at : min(at + _BATCH, count)]).to(vae.device)).latent_dist.mean
        level = NOISE * torch.rand((len(z_BCHW), 1, 1, 1), generator=random)
        level[::2] = 0
        noise_BCHW = torch.randn(z_BCHW.shape, generator=random).to(vae.device) * z_BCHW.std()
        worn[at : at + _BATCH] = to_images(vae.decode(z_BCHW + level.to(vae.device) * noise_BCHW).sample)
        on_worn(len(z_BCHW))
    part.rename(folder / WORN)
