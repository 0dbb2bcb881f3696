"""Latents of a data set on disk, each picture encoded once, when it is first asked for.

Shape letters: N pictures, C channels, H and W height and width, T tokens, D features."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from diffusers import AutoencoderKL
from torch import Tensor

from paperdoll.train.checkpoint import open_map
from paperdoll.train.pictures import halve, to_tensor


class FeatureStore:
    """Text features in memory as fp16, each caption embedded once."""

    def __init__(self, embed: Callable[[list[str]], Tensor]) -> None:
        self._embed = embed
        self._kept: dict[str, Tensor] = {}

    def take(self, captions: list[str]) -> Tensor:
        """Return (N, T, D) features."""
        missing = [caption for caption in dict.fromkeys(captions) if caption not in self._kept]
        if missing:
            self._kept.update(zip(missing, self._embed(missing).half(), strict=True))
        return torch.stack([self._kept[caption] for caption in captions]).float()


class LatentStore:
    """Scaled latents of the pictures in `pictures`, at full size or halved, kept as fp16 in `folder`."""

    def __init__(self, pictures: Path, folder: Path, vae: AutoencoderKL, size: int) -> None:
        self._images = np.load(pictures / "pictures.npy", mmap_mode="r")
        full = self._images.shape[1]
        if size not in (full, full // 2):
            raise ValueError(f"pictures are {full} px: latents can be made at {full} or {full // 2} px, not {size}")
        self._halved = size != full
        lines = (pictures / "captions.jsonl").read_text().splitlines()
        self.captions: list[str] = [json.loads(line)["caption"] for line in lines]
        self._vae, side = vae, size // 8
        folder.mkdir(parents=True, exist_ok=True)
        shape = (len(self._images), vae.config.latent_channels, side, side)
        self._latents = open_map(folder / f"latents-{size}.npy", np.float16, shape)
        self._done = open_map(folder / f"latents-{size}.done.npy", np.bool_, shape[:1])

    def __len__(self) -> int:
        return len(self._images)

    @torch.no_grad()
    def fill(self, numbers: np.ndarray) -> None:
        """Encode those of `numbers` that are still missing."""
        missing, batch = np.unique(numbers[~self._done[numbers]]), 32 if self._vae.device.type == "cpu" else 512
        for at in range(0, len(missing), batch):
            rows = missing[at : at + batch]
            images = self._images[rows]
            x_NCHW = to_tensor(list(halve(images) if self._halved else images)).to(self._vae.device)
            mean = self._vae.encode(x_NCHW.contiguous(memory_format=torch.channels_last)).latent_dist.mean
            self._latents[rows] = (mean * self._vae.config.scaling_factor).half().cpu().numpy()
            # Said only after it is so; a killed run encodes the pictures again, to the same bytes.
            self._done[rows] = True

    def take(self, numbers: np.ndarray) -> tuple[Tensor, list[str]]:
        """Return (N, C, H, W) latents where the VAE is, and the captions, of pictures that `fill` has seen to."""
        chosen = torch.from_numpy(self._latents[np.sort(numbers)]).to(self._vae.device)
        return chosen.float(), [self.captions[number] for number in np.sort(numbers)]
