"""Sheets: rows of pictures, with a line of text under each where there is one."""

import textwrap
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont


def save_rows(rows: list[list[np.ndarray]], path: Path, labels: list[list[str]] | None = None) -> None:
    """Write (H, W, 3) uint8 pictures of one size in rows, each over its label."""
    height, width = rows[0][0].shape[:2]
    font = ImageFont.load_default(9)
    foot = 46 if labels else 0
    sheet = Image.new("RGB", (width * len(rows[0]), (height + foot) * len(rows)), "white")
    pen = ImageDraw.Draw(sheet)
    for row, images in enumerate(rows):
        for column, image in enumerate(images):
            x, y = column * width, row * (height + foot)
            sheet.paste(Image.fromarray(image), (x, y))
            if labels:
                text = "\n".join(textwrap.wrap(labels[row][column], width // 5)[:4])
                pen.multiline_text((x + 3, y + height + 1), text, "black", font, spacing=1)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name("part-" + path.name)
    sheet.save(part)
    part.replace(path)
