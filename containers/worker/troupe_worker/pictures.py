"""Pictures as files and as arrays: PNG in, PNG out, and the random views of a reference that tuning learns from."""

import io

import numpy as np
import torch
from PIL import Image
from torch import Tensor


def read_picture(content: bytes) -> Image.Image:
    """Decode a sanitised picture to RGB."""
    return Image.open(io.BytesIO(content)).convert("RGB")


def write_png(pixels_HWC: Tensor) -> bytes:
    """Encode an uint8 picture (H, W, 3). The level is stated because it decides the bytes."""
    file = io.BytesIO()
    Image.fromarray(pixels_HWC.numpy()).save(file, format="PNG", compress_level=6)
    return file.getvalue()


def cut_views(picture: Image.Image, size: int, count: int, max_zoom: float, random: torch.Generator) -> Tensor:
    """Return `count` square views (count, size, size, 3) of a picture: the first as large as fits, the rest zoomed and moved.

    One framing seen again and again would be learned as part of the subject.
    """
    width, height = picture.size
    views = []
    for index in range(count):
        zoom, across, down = torch.rand(3, generator=random).tolist() if index else (0.0, 0.5, 0.5)
        side = min(width, height) / (1 + zoom * (max_zoom - 1))
        left, top = across * (width - side), down * (height - side)
        view = picture.resize((size, size), Image.Resampling.BICUBIC, box=(left, top, left + side, top + side))
        views.append(torch.from_numpy(np.array(view)))
    return torch.stack(views)


def join_row(pixels_BHWC: Tensor) -> Tensor:
    """Lay pictures (B, H, W, 3) side by side, (H, B * W, 3)."""
    return torch.cat(list(pixels_BHWC), dim=1)
