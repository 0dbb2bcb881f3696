"""A picture: figures set in a scene, at any size, with its truth when asked."""

from dataclasses import dataclass

import numpy as np

from paperdoll.drawing import garments, indoors, outdoors
from paperdoll.drawing.figure import draw_figure
from paperdoll.drawing.look import look_of
from paperdoll.drawing.pen import Pen, box, oval, skia
from paperdoll.drawing.products import draw_product
from paperdoll.drawing.skeleton import pose_figure, reach_of
from paperdoll.drawing.truth import FigureTruth, read_truth
from paperdoll.identity import Figure, Identity, Outfit, Scene

UNITS = 128.0  # a picture is 128 units wide, whatever its pixels


@dataclass(frozen=True)
class Picture:
    """`image` is (H, W, 3) uint8 RGB; `truth` has one entry a figure, in the order given."""

    image: np.ndarray
    truth: tuple[FigureTruth, ...]


@dataclass(frozen=True)
class _Spot:
    """Where a figure's ground point is, and how many picture units one figure unit is."""

    x: float
    y: float
    scale: float


def draw(figures: tuple[Figure, ...], scene: Scene, size: int, truth: bool = False) -> Picture:
    """Draw `figures` in `scene`, `size` pixels square: the same arguments always give the same bytes."""
    if len(figures) > 3 or size < 8:
        raise ValueError(f"{len(figures)} figures at {size} px: at most 3 figures, at least 8 px")
    pixels, surface = _open_canvas(size)
    pen = Pen(surface.getCanvas(), remember=truth)
    spots = [_place(figure, scene, len(figures)) for figure in figures]
    _draw_place(pen, scene)
    if scene.product:
        _draw_lone_product(pen, scene)
    # The nearer figure stands lower in the picture and is drawn last.
    for index in sorted(range(len(figures)), key=lambda index: spots[index].y):
        pen.figure = index + 1
        spot = spots[index]
        with pen.frame(spot.x, spot.y, 0, spot.scale):
            draw_figure(pen, figures[index])
    image = np.ascontiguousarray(pixels[:, :, :3])
    return Picture(image, read_truth(pen, size, len(figures)) if truth else ())


def _open_canvas(size: int) -> tuple[np.ndarray, skia.Surface]:
    """Return (H, W, 4) pixels and a surface 128 units wide that draws on them (it must outlive its canvas)."""
    pixels = np.zeros((size, size, 4), np.uint8)
    about = skia.ImageInfo.Make(size, size, skia.kRGBA_8888_ColorType, skia.kOpaque_AlphaType)
    surface = skia.Surface.MakeRasterDirect(about, pixels)
    surface.getCanvas().scale(size / UNITS, size / UNITS)
    return pixels, surface


def _place(figure: Figure, scene: Scene, count: int) -> _Spot:
    bones = pose_figure(figure)
    near = {"full body": 1.12, "half body": 1.56, "portrait": 2.08}[scene.framing] * (1 + 0.05 * scene.zoom)
    if scene.framing == "full body":
        near = min(near, 119.0 / reach_of(bones, figure))  # the whole body is in the picture, ears and hat too
    near *= {1: 1.0, 2: 0.84, 3: 0.68}[count] if scene.framing == "full body" else {1: 1.0, 2: 0.76, 3: 0.56}[count]
    x = UNITS * figure.x
    if scene.framing == "full body":
        # Depth: whoever stands in the middle of three stands behind.
        return _Spot(x, 122.0 - (4.0 if count == 3 and 0.4 < figure.x < 0.6 else 0.0) - 3.0 * (count - 1), near)
    head_at = 56.0 if scene.framing == "half body" else 68.0
    if count > 1:
        head_at -= 4
    return _Spot(x - bones.head[0] * near, head_at - (bones.head[1] - bones.lift) * near, near)


def _draw_place(pen: Pen, scene: Scene) -> None:
    rng = np.random.Generator(np.random.PCG64(scene.variation))
    numbers = tuple(rng.uniform(-1, 1, 4).tolist())
    closer = {"full body": 1.0, "half body": 1.22, "portrait": 1.45}[scene.framing]
    if scene.place.startswith("plain "):
        indoors.draw_plain(pen, scene.place.removeprefix("plain "))
        return
    drawer = indoors.DRAWERS.get(scene.place) or outdoors.DRAWERS[scene.place]
    with pen.frame(64 - 64 * closer, 60 - 60 * closer, 0, closer):
        drawer(pen, numbers)


def _draw_lone_product(pen: Pen, scene: Scene) -> None:
    near = 1.75 * (1 + 0.14 * scene.zoom)
    ground = 98.0
    indoor = scene.place in indoors.DRAWERS
    if indoor:
        pen.gradient(box(-10, ground - 8, 138, 140), 0xC99A6B, 0xA97A50, ground - 8, 128)
        pen.fill(box(-10, ground - 9.5, 138, ground - 6.5), 0xE2BA8A)
    with pen.frame(64 - (5 if scene.product.kind == "mug" else 0) * near, ground + 2, 0, near):
        pen.fill(oval(0, 0.4, 23, 4.0), 0x2A1E48, 64)
        draw_product(pen, scene.product)


def flat_lay(outfit: Outfit, size: int) -> np.ndarray:
    """Return (H, W, 3) of a top (with its skirt) laid flat on white, nobody in it."""
    pixels, surface = _open_canvas(size)
    pen = Pen(surface.getCanvas())
    pen.fill(box(0, 0, 128, 128), 0xFAF8F5)
    figure = Figure(Identity("girl", "fair", "bob", "black", "brown"), outfit)
    bones, look = pose_figure(figure), look_of(figure)
    middle = (bones.shoulder_y + bones.hip_y) / 2 + (6 if outfit.top in ("dress", "coat") else 0)
    with pen.frame(64, 64 - middle * 2.4, 0, 2.4):
        garments.draw_empty(pen, bones, figure, look)
    return np.ascontiguousarray(pixels[:, :, :3])
