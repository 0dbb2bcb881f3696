"""Pictures for trainings, drawn as they are needed: the same (seed, step) always gives the same ones."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from paperdoll.drawing import draw
from paperdoll.sampling import sample_scene


@dataclass(frozen=True)
class Drawn:
    """`image` is (H, W, 3) uint8; `faces` are boxes (left, top, right, bottom), empty where truth was not asked."""

    image: np.ndarray
    faces: tuple[tuple[int, int, int, int], ...] = ()


def draw_pictures(seeds: tuple[int, ...], count: int, split: str, size: int, truth: bool = False) -> list[Drawn]:
    """Draw `count` pictures of the training distribution of `split`, decided by `seeds` alone."""
    rng = np.random.Generator(np.random.PCG64(list(seeds)))
    drawn = []
    for _ in range(count):
        figures, scene = sample_scene(rng, split)
        picture = draw(figures, scene, size, truth=truth)
        drawn.append(Drawn(picture.image, tuple(entry.face_box for entry in picture.truth if entry.face_box)))
    return drawn


def to_tensor(images: list[np.ndarray]) -> Tensor:
    """Return (B, 3, H, W) in -1..1."""
    return torch.from_numpy(np.stack(images)).permute(0, 3, 1, 2).float().div_(127.5).sub_(1)


def to_images(x_BCHW: Tensor) -> np.ndarray:
    """Return (B, H, W, 3) uint8 of a tensor in -1..1."""
    return x_BCHW.detach().clamp(-1, 1).add(1).mul(127.5).round().byte().permute(0, 2, 3, 1).contiguous().cpu().numpy()


def halve(images: np.ndarray) -> np.ndarray:
    """Return (B, H/2, W/2, 3) uint8: each pixel the mean of four."""
    b, h, w, c = images.shape
    return images.reshape(b, h // 2, 2, w // 2, 2, c).mean((2, 4)).round().astype(np.uint8)
