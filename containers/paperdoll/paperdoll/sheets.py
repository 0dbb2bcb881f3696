"""Pictures for people: the sheet, one sample with its truth, and the references of a subject."""

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from paperdoll.dataset import DatasetSettings, sample_numbered
from paperdoll.drawing import Picture, draw
from paperdoll.drawing.parts import PARTS
from paperdoll.identity import Figure, Identity, Outfit, Scene, sample_identity


def draw_sheet(seed: int, split: str, size: int, rows: int, columns: int) -> Image.Image:
    """Return the first rows x columns pictures of a seed."""
    sheet = np.zeros((rows * size, columns * size, 3), np.uint8)
    settings = DatasetSettings(rows * columns, size, split, seed)
    for number in range(rows * columns):
        figures, scene, _, _ = sample_numbered(settings, number)
        top, left = number // columns * size, number % columns * size
        sheet[top : top + size, left : left + size] = draw(figures, scene, size).image
    return Image.fromarray(sheet)


def overlay_truth(picture: Picture) -> Image.Image:
    """Return the picture with parts tinted, boxes framed and keypoints dotted (hollow: hidden)."""
    image = picture.image.astype(np.float32)
    tints = np.random.Generator(np.random.PCG64(4)).uniform(30, 255, (len(PARTS), 3)).astype(np.float32)
    for truth in picture.truth:
        seen = truth.part_map > 0
        image[seen] = 0.35 * image[seen] + 0.65 * tints[truth.part_map[seen]]
    result = Image.fromarray(image.astype(np.uint8))
    pen, dot = ImageDraw.Draw(result), max(1, picture.image.shape[0] // 120)
    for truth in picture.truth:
        for box, colour in ((truth.box, "white"), (truth.face_box, "yellow")):
            if box:
                pen.rectangle((box[0], box[1], box[2] - 1, box[3] - 1), outline=colour)
        for x, y, seen in truth.keypoints.values():
            pen.ellipse((x - dot, y - dot, x + dot, y + dot), fill="red" if seen else None, outline="red")
    return result


def save_sample(folder: Path, seed: int, split: str, size: int) -> str:
    """Write picture.png, truth.png and caption.txt of one sample; return its caption."""
    folder.mkdir(parents=True, exist_ok=True)
    figures, scene, caption, _ = sample_numbered(DatasetSettings(1, size, split, seed), 0)
    picture = draw(figures, scene, size, truth=True)
    Image.fromarray(picture.image).save(folder / "picture.png")
    overlay_truth(picture).save(folder / "truth.png")
    (folder / "caption.txt").write_text(caption + "\n")
    return caption


# Four views in one outfit: what a person would photograph of a character.
_VIEWS = {
    "front": ("standing", "smiling", "front", "park", "full body"),
    "wave": ("waving", "laughing", "right", "beach", "full body"),
    "face": ("standing", "smiling", "front", "plain blue", "portrait"),
    "sit": ("sitting", "neutral", "left", "room", "half body"),
}


def sample_subject(seed: int, split: str, kind: str | None) -> Identity:
    """Return the subject that a seed means."""
    return sample_identity(np.random.Generator(np.random.PCG64(seed)), split, kind)


def save_references(folder: Path, identity: Identity, outfit: Outfit, size: int) -> list[Path]:
    """Write the four reference pictures of a subject."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for number, (name, (pose, expression, facing, place, framing)) in enumerate(_VIEWS.items()):
        figure = Figure(identity, outfit, pose, expression, facing, nudge=0.3)
        picture = draw((figure,), Scene(place, framing, variation=number), size)
        paths.append(folder / f"{name}.png")
        Image.fromarray(picture.image).save(paths[-1], optimize=True)
    return paths
