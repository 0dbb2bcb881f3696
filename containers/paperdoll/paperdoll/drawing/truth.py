"""Exact truth: the same shapes drawn again without antialiasing, as numbers instead of colours."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from paperdoll.drawing import parts
from paperdoll.drawing.pen import Pen, skia

Box = tuple[int, int, int, int]  # left, top, right, bottom in pixels, right and bottom exclusive

_NEAR_PARTS = {
    "head top": parts.HEAD_PARTS, "chin": parts.HEAD_PARTS, "nose": parts.HEAD_PARTS, "mouth": parts.HEAD_PARTS,
    "left eye": parts.HEAD_PARTS, "right eye": parts.HEAD_PARTS, "neck": (parts.TORSO,),
}  # fmt: skip


@dataclass(frozen=True)
class FigureTruth:
    """What of one figure is seen, in pixels; left and right are sides of the picture."""

    part_map: np.ndarray  # (H, W) uint8, index into parts.PARTS; 0 where this figure is not seen
    garment_map: np.ndarray  # (H, W) uint8, index into parts.GARMENTS
    frames: dict[int, np.ndarray]  # part -> (2, 3), pixel (x, y, 1) to body coordinates (u, v)
    keypoints: dict[str, tuple[float, float, bool]]  # x, y, seen
    face_box: Box | None  # of the face's extent inside the picture; None when it is outside

    @cached_property
    def mask(self) -> np.ndarray:
        """(H, W) bool: the figure, without what it holds."""
        return (self.part_map > 0) & (self.part_map != parts.HELD)

    @cached_property
    def head_mask(self) -> np.ndarray:
        """(H, W) bool: head, hair, ears, hat and glasses."""
        return np.isin(self.part_map, parts.HEAD_PARTS)

    @cached_property
    def box(self) -> Box | None:
        """The mask's extent; None when nothing of the figure is seen."""
        rows, columns = np.flatnonzero(self.mask.any(1)), np.flatnonzero(self.mask.any(0))
        if not len(rows):
            return None
        return (int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)

    @cached_property
    def garment_masks(self) -> dict[str, np.ndarray]:
        """Name -> (H, W) bool, for each garment that is seen."""
        return {parts.GARMENTS[number]: self.garment_map == number for number in np.unique(self.garment_map) if number}

    @cached_property
    def body_coordinates(self) -> np.ndarray:
        """(H, W, 2) float32: u, v in 0..1 within each pixel's part, 0 elsewhere."""
        rows, columns = np.nonzero(self.mask)
        table = np.zeros((len(parts.PARTS), 2, 3), np.float32)
        for part, frame in self.frames.items():
            table[part] = frame
        chosen = table[self.part_map[rows, columns]]
        at = np.stack([columns + 0.5, rows + 0.5, np.ones(len(rows))], 1).astype(np.float32)
        result = np.zeros((*self.part_map.shape, 2), np.float32)
        result[rows, columns] = np.clip(np.einsum("nij,nj->ni", chosen, at), 0, 1)
        return result


def read_truth(pen: Pen, size: int, count: int) -> tuple[FigureTruth, ...]:
    """Return the truth of each figure that `pen` remembers."""
    pixels = np.zeros((size, size, 4), np.uint8)
    about = skia.ImageInfo.Make(size, size, skia.kRGBA_8888_ColorType, skia.kPremul_AlphaType)
    surface = skia.Surface.MakeRasterDirect(about, pixels)
    canvas, paint = surface.getCanvas(), skia.Paint(AntiAlias=False)
    paint.setStrokeCap(skia.Paint.kRound_Cap)
    paint.setStrokeJoin(skia.Paint.kRound_Join)
    for mark in pen.marks:
        canvas.setMatrix(mark.matrix)
        paint.setColor(0xFF000000 | mark.figure << 16 | mark.part << 8 | mark.garment)
        paint.setStyle(skia.Paint.kStrokeAndFill_Style if mark.filled else skia.Paint.kStroke_Style)
        paint.setStrokeWidth(mark.width)
        canvas.drawPath(mark.path, paint)
    owner, part_map, garment_map = pixels[:, :, 0], pixels[:, :, 1], pixels[:, :, 2]
    result = []
    for number in range(1, count + 1):
        mine = owner == number
        own_parts = np.where(mine, part_map, 0).astype(np.uint8)
        result.append(
            FigureTruth(
                own_parts,
                np.where(mine, garment_map, 0).astype(np.uint8),
                {part: _invert(corners) for (figure, part), corners in pen.places.items() if figure == number},
                _read_points(pen, number, own_parts),
                _face_box(pen, number, size),
            )
        )
    return tuple(result)


def _invert(corners: tuple[tuple[float, float], ...]) -> np.ndarray:
    """Return (2, 3) that takes a pixel to (u, v), from the corners at (0, 0), (1, 0) and (0, 1)."""
    (x0, y0), (x1, y1), (x2, y2) = corners
    forward = np.array([[x1 - x0, x2 - x0, x0], [y1 - y0, y2 - y0, y0], [0, 0, 1]])
    return np.linalg.inv(forward)[:2].astype(np.float32)


def _parts_near(name: str) -> tuple[int, ...]:
    """Return the parts on which a keypoint counts as seen."""
    if name in _NEAR_PARTS:
        return _NEAR_PARTS[name]
    side, joint = name.split()
    index = 0 if side == "left" else 1
    return {
        "shoulder": (parts.TORSO, parts.UPPER_ARM[index]), "elbow": (parts.UPPER_ARM[index], parts.LOWER_ARM[index]),
        "hand": (parts.LOWER_ARM[index], parts.HAND[index]), "hip": (parts.TORSO, parts.UPPER_LEG[index]),
        "knee": (parts.UPPER_LEG[index], parts.LOWER_LEG[index]), "foot": (parts.LOWER_LEG[index], parts.FOOT[index]),
    }[joint]  # fmt: skip


def _read_points(pen: Pen, number: int, own_parts: np.ndarray) -> dict[str, tuple[float, float, bool]]:
    size, points = own_parts.shape[0], {}
    for (figure, name), (x, y) in pen.points.items():
        if figure == number:
            inside = 0 <= x < size and 0 <= y < size
            points[name] = (x, y, bool(inside and own_parts[int(y), int(x)] in _parts_near(name)))
    return points


def _face_box(pen: Pen, number: int, size: int) -> Box | None:
    """Return the extent of the head's frame, clipped to the picture."""
    origin, right, down = pen.places[(number, parts.HEAD)]
    corner = (right[0] + down[0] - origin[0], right[1] + down[1] - origin[1])
    across, along = zip(origin, right, down, corner, strict=True)
    left, top = max(0, int(min(across))), max(0, int(min(along)))
    far, low = min(size, int(np.ceil(max(across)))), min(size, int(np.ceil(max(along))))
    return (left, top, far, low) if left < far and top < low else None
