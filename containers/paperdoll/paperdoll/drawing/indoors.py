"""Rooms and plain grounds, on a 128-unit picture. `r` holds four numbers from -1 to 1."""

from paperdoll.drawing import palette
from paperdoll.drawing.outdoors import Numbers
from paperdoll.drawing.pen import Pen, box, curve, oval, polygon


def _room(pen: Pen, wall_top: int, wall: int, floor_top: int, floor: int, line: int) -> None:
    pen.gradient(box(-40, -60, 168, 94), wall_top, wall, 0, 94)
    pen.gradient(box(-40, 92, 168, 200), floor_top, floor, 92, 128)
    pen.fill(box(-40, 89, 168, 94), line)


def _window(pen: Pen, x: float, y: float, sky: int, frame: int) -> None:
    pen.fill(box(x - 15, y - 17, x + 15, y + 17, 1.5), frame)
    pen.gradient(box(x - 12, y - 14, x + 12, y + 14, 0.5), sky, 0xE9F7FB, y - 14, y + 14)
    pen.fill(box(x - 1.2, y - 14, x + 1.2, y + 14), frame)
    pen.fill(box(x - 12, y - 1.2, x + 12, y + 1.2), frame)


def draw_room(pen: Pen, r: Numbers) -> None:
    """Window with curtains, a picture, a plant and a rug."""
    _room(pen, 0xFBE7D0, 0xF6D7BE, 0xC98F66, 0xB67A55, 0xFFF6EA)
    side = 1 if r[0] >= 0 else -1
    x = 64 + side * (38 + 3 * r[1])
    _window(pen, x, 36, 0x9AD3F2, 0xFFFFFF)
    for way in (-1, 1):
        pen.fill(curve((x + way * 8, 15), (x + way * 12, 40, x + way * 16, 60), (x + way * 22, 60), (x + way * 22, 15)), 0xE98B7B)
    y = 36 + 4 * r[2]
    pen.fill(box(64 - side * 42 - 10, y - 9, 64 - side * 42 + 10, y + 11, 1.5), 0x9A6B4F)
    pen.fill(box(64 - side * 42 - 7.5, y - 6.5, 64 - side * 42 + 7.5, y + 8.5), 0xB7DCD0)
    pen.fill(oval(64 - side * 42, y + 5, 5.5, 4), 0x6FB38B)
    x = 64 - side * 50
    for dx, dy in ((-8, -16), (8, -16), (0, -22)):
        pen.fill(curve((x, 86), (x + dx * 1.7, 84 + dy * 0.4, x + dx, 82 + dy), (x + dx * 0.2, 84 + dy * 0.6, x, 86)), 0x55A06A)
    pen.fill(polygon([(x - 7, 84), (x + 7, 84), (x + 5, 98), (x - 5, 98)]), 0xE0805B)
    pen.fill(oval(64, 117, 50 + 4 * r[3], 8.5), 0x7FA8BE)
    pen.fill(oval(64, 117, 41 + 4 * r[3], 6.4), 0xA9CBD8)


def draw_kitchen(pen: Pen, r: Numbers) -> None:
    """Counter, shelf with pots, window, chequered floor left out: it would be too fine."""
    _room(pen, 0xDFF1E6, 0xC6E5D8, 0xE9D9C0, 0xD8C2A2, 0xFFFFFF)
    side = 1 if r[0] >= 0 else -1
    _window(pen, 64 + side * (6 + 4 * r[1]), 28, 0xA6DCF3, 0xFFFFFF)
    x = 64 - side * 44
    pen.fill(box(x - 17, 34, x + 17, 37, 1), 0xB98560)
    for dx, colour in ((-10, 0xEF7B6B), (1, 0xF7C75A), (11, 0x5FA9CF)):
        pen.fill(box(x + dx - 4, 23 + 2 * r[2], x + dx + 4, 34, 1.6), colour)
    pen.fill(box(-40, 64, 64 + side * 22 if side > 0 else 168, 68, 1), 0xFFF6E6) if side > 0 else pen.fill(
        box(64 - 22, 64, 168, 68, 1), 0xFFF6E6
    )
    left, right = (-40, 86) if side > 0 else (42, 168)
    pen.fill(box(left, 67, right, 98), 0x6FA8A4)
    for door in range(4):
        at = left + 8 + door * 31
        pen.fill(box(at, 72, at + 25, 94, 1.5), 0x86BBB4)
        pen.fill(box(at + 10, 75, at + 15, 77, 1), 0xFFF1CC)
    x = 64 + side * 46
    pen.fill(box(x - 16, 26, x + 16, 98, 3), 0xF47F6C)
    pen.fill(box(x - 16, 54, x + 16, 56), 0xC95F56)
    pen.fill(box(x - side * 11 - 1.3, 38, x - side * 11 + 1.3, 49, 1), 0xFFF1E2)
    pen.fill(box(x - side * 11 - 1.3, 61, x - side * 11 + 1.3, 74, 1), 0xFFF1E2)


def draw_library(pen: Pen, r: Numbers) -> None:
    """Tall shelves of bold books on both sides, a warm lamp between."""
    _room(pen, 0x6E4D52, 0x8A6058, 0x7C5348, 0x68453F, 0x5A3C3E)
    pen.fill(oval(64, 36, 38, 38), 0xFFD98E, 60)
    pen.fill(box(62.8, -60, 65.2, 22), 0x4A3238)
    pen.fill(curve((52, 32), (55, 20, 64, 20), (73, 20, 76, 32)), 0xFFE3A0)
    colours = (0xD9604F, 0x4E86A8, 0xEDB550, 0x6A9E6C, 0xB56A90)
    shift = int((r[0] + 1) * 2.49)
    for left, right in ((-8, 36), (92, 136)):
        pen.fill(box(left, -20, right, 97), 0x4E3438)
        for row, y in enumerate((4, 34, 64)):
            pen.fill(box(left + 2, y - 4 if row else -20, right - 2, y + 25), 0x3D282E)
            at, book = left + 3.0, 0
            while at < right - 9:
                wide = 7.5 + ((row + book + shift) % 3)
                tall = 19 - 3 * ((book * 2 + row + shift) % 3)
                pen.fill(box(at, y + 25 - tall, at + wide, y + 25, 0.8), colours[(book + row * 2 + shift) % 5])
                at, book = at + wide + 1.0, book + 1
    pen.fill(oval(64, 117, 48, 8), 0xA9504E)
    pen.fill(oval(64, 117, 40, 6), 0xC0625A)


def draw_plain(pen: Pen, colour: str) -> None:
    """A studio: one colour, lighter behind the figure, a soft floor."""
    base = palette.PLAIN[colour]
    pen.gradient(box(-40, -60, 168, 200), palette.mix(base, 0xFFFFFF, 0.22), base, 0, 110)
    pen.gradient(
        curve((-40, 104), (64, 99, 168, 104), (168, 200), (-40, 200)),
        palette.mix(base, 0x4A3A66, 0.07),
        palette.mix(base, 0x4A3A66, 0.02),
        100,
        128,
    )


DRAWERS = {"room": draw_room, "kitchen": draw_kitchen, "library": draw_library}
