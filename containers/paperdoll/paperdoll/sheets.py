"""Pictures for people: the sheet, one sample with its truth, and references of a subject."""

from pathlib import Path

import numpy as np
from PIL import Image

from paperdoll.dataset import DatasetSettings, sample_numbered
from paperdoll.drawing import draw


def draw_sheet(seed: int, split: str, size: int, rows: int, columns: int) -> Image.Image:
    """Return the first rows x columns pictures of a seed."""
    sheet = np.zeros((rows * size, columns * size, 3), np.uint8)
    settings = DatasetSettings(rows * columns, size, split, seed)
    for number in range(rows * columns):
        figures, scene, _, _ = sample_numbered(settings, number)
        top, left = number // columns * size, number % columns * size
        sheet[top : top + size, left : left + size] = draw(figures, scene, size).image
    return Image.fromarray(sheet)


def save_sample(folder: Path, seed: int, split: str, size: int) -> str:
    """Write picture, caption and truth overlay of one sample; return its caption."""
    folder.mkdir(parents=True, exist_ok=True)
    figures, scene, caption, _ = sample_numbered(DatasetSettings(1, size, split, seed), 0)
    picture = draw(figures, scene, size, truth=True)
    Image.fromarray(picture.image).save(folder / "picture.png")
    (folder / "caption.txt").write_text(caption + "\n")
    return caption
