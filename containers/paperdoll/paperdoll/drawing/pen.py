"""The only file that holds a skia canvas: shapes with one outline, and the marks from which truth is drawn again."""

from collections.abc import Sequence
from contextlib import contextmanager
from dataclasses import dataclass

try:
    import skia
except ImportError as error:  # the wheel needs three system libraries that slim machines lack
    raise ImportError(
        f"skia-python cannot be loaded ({error}); on Debian: apt-get install libgl1 libegl1 libfontconfig1"
    ) from error

from paperdoll.drawing import palette

Point = tuple[float, float]
OUTLINE = 0x3A2C3F  # warm, softer than black: black hair and coats keep their edges
LINE = 1.25  # width of an outline, in figure units


@dataclass(frozen=True)
class Mark:
    """One drawn shape as truth sees it: figure, body part and garment numbers on a path."""

    path: skia.Path
    matrix: skia.Matrix
    width: float  # of the line drawn along the path, outline included
    filled: bool  # whether the path's inside belongs to the shape too
    figure: int
    part: int
    garment: int


def smooth(points: Sequence[Point], closed: bool = True, tension: float = 0.5) -> skia.Path:
    """Return a soft curve through `points` (Catmull-Rom as cubics)."""
    path, num = skia.Path(), len(points)
    path.moveTo(*points[0])
    for index in range(num if closed else num - 1):
        if closed:
            before, start, end, after = (points[(index + step) % num] for step in (-1, 0, 1, 2))
        else:
            before, start = points[max(index - 1, 0)], points[index]
            end, after = points[index + 1], points[min(index + 2, num - 1)]
        k = tension / 3 * 2
        path.cubicTo(
            start[0] + (end[0] - before[0]) * k / 2, start[1] + (end[1] - before[1]) * k / 2,
            end[0] - (after[0] - start[0]) * k / 2, end[1] - (after[1] - start[1]) * k / 2, *end,
        )  # fmt: skip
    if closed:
        path.close()
    return path


def polygon(points: Sequence[Point], closed: bool = True) -> skia.Path:
    """Return straight lines through `points`."""
    return skia.Path.Polygon([skia.Point(*point) for point in points], closed)


def curve(start: Point, *bends: tuple[float, ...], closed: bool = True) -> skia.Path:
    """Return a path of quadratic (4 numbers), cubic (6) and straight (2) pieces from `start`."""
    path = skia.Path()
    path.moveTo(*start)
    for bend in bends:
        (path.lineTo if len(bend) == 2 else path.quadTo if len(bend) == 4 else path.cubicTo)(*bend)
    if closed:
        path.close()
    return path


def oval(x: float, y: float, rx: float, ry: float) -> skia.Path:
    """Return an ellipse around (x, y)."""
    return skia.Path.Oval(skia.Rect.MakeLTRB(x - rx, y - ry, x + rx, y + ry))


def box(left: float, top: float, right: float, bottom: float, radius: float = 0.0) -> skia.Path:
    """Return a rectangle with round corners."""
    return skia.Path.RRect(skia.Rect.MakeLTRB(left, top, right, bottom), radius, radius)


class Pen:
    """Draws on one canvas; when asked, remembers every shape, frame and point of a figure."""

    def __init__(self, canvas: skia.Canvas, remember: bool = False) -> None:
        self.canvas = canvas
        self.marks: list[Mark] | None = [] if remember else None
        self.places: dict[tuple[int, int], tuple[Point, Point, Point]] | None = {} if remember else None
        self.points: dict[tuple[int, str], Point] | None = {} if remember else None
        self.figure = 0
        self._paint = skia.Paint(AntiAlias=True)
        self._paint.setStrokeCap(skia.Paint.kRound_Cap)
        self._paint.setStrokeJoin(skia.Paint.kRound_Join)

    def fill(self, path: skia.Path, colour: int, alpha: int = 255) -> None:
        """Fill, without outline and without truth."""
        self._paint.setStyle(skia.Paint.kFill_Style)
        self._paint.setColor(alpha << 24 | colour)
        self.canvas.drawPath(path, self._paint)

    def stroke(self, path: skia.Path, colour: int, width: float = LINE, alpha: int = 255) -> None:
        """Draw a line, without truth."""
        self._paint.setStyle(skia.Paint.kStroke_Style)
        self._paint.setStrokeWidth(width)
        self._paint.setColor(alpha << 24 | colour)
        self.canvas.drawPath(path, self._paint)

    def gradient(self, path: skia.Path, top: int, bottom: int, y_top: float, y_bottom: float) -> None:
        """Fill with a vertical gradient."""
        ends = [skia.Point(0, y_top), skia.Point(0, y_bottom)]
        shader = skia.GradientShader.MakeLinear(ends, [0xFF000000 | top, 0xFF000000 | bottom])
        self.canvas.drawPath(path, skia.Paint(AntiAlias=True, Shader=shader))

    def shape(self, path: skia.Path, colour: int, part: int = 0, garment: int = 0, line: float = LINE) -> None:
        """Fill and outline a body part or garment, and remember it."""
        self.fill(path, colour)
        self.stroke(path, OUTLINE, line)
        self.mark(path, part, garment, line)

    def joined(self, paths: Sequence[skia.Path], colour: int, part: int = 0, garment: int = 0, line: float = LINE) -> None:
        """Draw several shapes as one: outlines only around the whole."""
        for path in paths:
            self.stroke(path, OUTLINE, 2 * line)
            self.mark(path, part, garment, 2 * line)
        for path in paths:
            self.fill(path, colour)

    def limb(self, pieces: Sequence[tuple[skia.Path, int, int, int]], whole: skia.Path, width: float) -> None:
        """Draw a bent tube along `whole`, outlined, in pieces of (path, colour, part, garment)."""
        self.stroke(whole, OUTLINE, width + 2 * LINE * 0.9)
        for path, colour, part, garment in pieces:
            self.stroke(path, colour, width)
            self.mark(path, part, garment, width + 2 * LINE * 0.9, filled=False)

    def shade(self, clip: skia.Path, path: skia.Path, colour: int, alpha: int = 255) -> None:
        """Fill `path` where it lies inside `clip`."""
        with self.inside(clip):
            self.fill(path, colour, alpha)

    def mark(self, path: skia.Path, part: int, garment: int, width: float = LINE, filled: bool = True) -> None:
        """Remember a shape for truth; part 0 is not of a figure."""
        if self.marks is not None and part and self.figure:
            self.marks.append(Mark(path, self.canvas.getTotalMatrix(), width, filled, self.figure, part, garment))

    def place_box(self, part: int, left: float, top: float, right: float, bottom: float) -> None:
        """Say where a part's body coordinates run: u from left to right, v from top to bottom."""
        if self.places is not None and self.figure:
            corners = (skia.Point(left, top), skia.Point(right, top), skia.Point(left, bottom))
            mapped = self.canvas.getTotalMatrix().mapPoints(list(corners))
            self.places.setdefault((self.figure, part), tuple((point.x(), point.y()) for point in mapped))

    def place_bone(self, part: int, start: Point, end: Point, width: float) -> None:
        """Say where a limb's body coordinates run: v along the bone, u across it."""
        if self.places is not None and self.figure:
            dx, dy = end[0] - start[0], end[1] - start[1]
            half = width * 0.5 / max(1e-6, (dx * dx + dy * dy) ** 0.5)
            side = (dy * half, -dx * half)
            corners = ((start[0] - side[0], start[1] - side[1]), (start[0] + side[0], start[1] + side[1]),
                       (end[0] - side[0], end[1] - side[1]))  # fmt: skip
            mapped = self.canvas.getTotalMatrix().mapPoints([skia.Point(*corner) for corner in corners])
            self.places[(self.figure, part)] = tuple((point.x(), point.y()) for point in mapped)

    def place_point(self, name: str, x: float, y: float) -> None:
        """Remember a named keypoint."""
        if self.points is not None and self.figure:
            point = self.canvas.getTotalMatrix().mapXY(x, y)
            self.points[(self.figure, name)] = (point.x(), point.y())

    @contextmanager
    def inside(self, path: skia.Path):
        """Draw only inside `path`."""
        self.canvas.save()
        self.canvas.clipPath(path, skia.ClipOp.kIntersect, True)
        yield
        self.canvas.restore()

    @contextmanager
    def frame(self, x: float = 0.0, y: float = 0.0, turn: float = 0.0, scale_x: float = 1.0, scale_y: float | None = None):
        """Draw in a frame moved to (x, y), turned by degrees, scaled."""
        self.canvas.save()
        self.canvas.translate(x, y)
        if turn:
            self.canvas.rotate(turn)
        if scale_x != 1.0 or scale_y is not None:
            self.canvas.scale(scale_x, scale_x if scale_y is None else scale_y)
        yield
        self.canvas.restore()


def darker(colour: int, amount: float = 0.18) -> int:
    """Return the shadow tone of `colour`."""
    return palette.mix(colour, 0x3A2350, amount)


def lighter(colour: int, amount: float = 0.3) -> int:
    """Return the light tone of `colour`."""
    return palette.mix(colour, 0xFFFBEA, amount)
