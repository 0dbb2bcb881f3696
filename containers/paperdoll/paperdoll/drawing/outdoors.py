"""Places under the sky, on a 128-unit picture: few, smooth, layered shapes. `r` holds four numbers from -1 to 1."""

from paperdoll.drawing import palette
from paperdoll.drawing.pen import Pen, box, curve, oval, polygon

Numbers = tuple[float, float, float, float]


def _sky(pen: Pen, top: int, bottom: int, horizon: float) -> None:
    pen.gradient(box(-40, -60, 168, horizon + 24), top, bottom, 0, horizon)


def _ground(pen: Pen, horizon: float, top: int, bottom: int, bend: float = 0.0) -> None:
    pen.gradient(curve((-40, horizon), (64, horizon - bend, 168, horizon), (168, 200), (-40, 200)), top, bottom, horizon, 128)


def _cloud(pen: Pen, x: float, y: float, size: float, colour: int = 0xFFFFFF) -> None:
    for dx, dy, rx, ry in ((-9, 0, 8, 4.6), (9, 0.6, 8, 4.2), (0, -3, 9, 6.4), (0, 1.4, 15, 3.4)):
        pen.fill(oval(x + dx * size, y + dy * size, rx * size, ry * size), colour)


def _tree(pen: Pen, x: float, y: float, size: float, leaf: int, trunk: int = 0x8D5F42) -> None:
    pen.fill(
        polygon([(x - 3.4 * size, y), (x + 3.4 * size, y), (x + 2.2 * size, y - 26 * size), (x - 2.2 * size, y - 26 * size)]),
        trunk,
    )
    for dx, dy, radius in ((-10, -30, 12), (10, -29, 12), (0, -42, 15), (0, -28, 12)):
        pen.fill(oval(x + dx * size, y + dy * size, radius * size, radius * size), leaf)
    light = palette.mix(leaf, 0xE8F7A0, 0.32)
    pen.fill(oval(x - 5 * size, y - 46 * size, 8.5 * size, 7 * size), light)
    pen.fill(oval(x - 13 * size, y - 33 * size, 5.5 * size, 4.5 * size), light)


def _pine(pen: Pen, x: float, y: float, size: float, leaf: int, snow: bool) -> None:
    pen.fill(box(x - 2.4 * size, y - 8 * size, x + 2.4 * size, y), 0x7A5747)
    for row, (wide, low) in enumerate(((17, -6), (13.5, -19), (9.5, -31))):
        tip = low - 19
        pen.fill(
            polygon([(x - wide * size, y + low * size), (x, y + tip * size), (x + wide * size, y + low * size)]),
            palette.mix(leaf, 0xFFFFFF, 0.05 * row),
        )
        if snow:
            pen.fill(
                polygon(
                    [
                        (x - wide * 0.5 * size, y + (low - 9.5) * size),
                        (x, y + tip * size),
                        (x + wide * 0.5 * size, y + (low - 9.5) * size),
                        (x, y + (low - 7) * size),
                    ]
                ),
                0xFFFFFF,
            )


def draw_park(pen: Pen, r: Numbers) -> None:
    """Meadow, hills, a path and two round trees."""
    _sky(pen, 0x8FD0F5, 0xDDF3FB, 78)
    _cloud(pen, 34 + 20 * r[0], 16 + 4 * r[1], 0.95)
    _cloud(pen, 104 + 12 * r[2], 28 + 4 * r[0], 0.7)
    pen.fill(curve((-40, 80), (20 + 20 * r[3], 46, 90, 80)), 0xA6D9A0)
    pen.fill(curve((40, 80), (110 - 20 * r[3], 52, 180, 80)), 0x93CE92)
    _ground(pen, 78, 0x86CC72, 0x5FB25D)
    pen.fill(curve((56, 78), (72, 92, 18 + 10 * r[1], 130), (96 + 10 * r[1], 130), (92, 96, 64, 78)), 0xF2DDAA)
    _tree(pen, 14 + 5 * r[2], 92, 1.0, 0x4FA65A)
    _tree(pen, 115 + 4 * r[3], 88, 0.88, 0x62B458)


def draw_beach(pen: Pen, r: Numbers) -> None:
    """Sun, two bands of sea, foam and a parasol."""
    _sky(pen, 0x74CBF3, 0xE6F7F4, 58)
    side = 1 if r[0] >= 0 else -1
    pen.fill(oval(64 + side * 42, 20 + 4 * r[1], 12, 12), 0xFFF3B8)
    pen.fill(oval(64 + side * 42, 20 + 4 * r[1], 9, 9), 0xFFDD62)
    _cloud(pen, 64 - side * 30, 22 + 5 * r[2], 0.85)
    pen.gradient(box(-40, 56, 168, 90), 0x2F93CF, 0x5CC5DD, 56, 86)
    pen.fill(box(84 + 10 * r[3], 63, 104 + 10 * r[3], 64.6, 0.8), 0xA9E2EE)
    pen.fill(box(14 + 10 * r[3], 70, 38 + 10 * r[3], 71.8, 0.9), 0xA9E2EE)
    pen.gradient(
        curve((-40, 88), (30, 80 + 3 * r[2], 70, 86), (110, 91, 168, 84), (168, 200), (-40, 200)), 0xFBE6B4, 0xEFC988, 84, 128
    )
    pen.stroke(curve((-40, 88), (30, 80 + 3 * r[2], 70, 86), (110, 91, 168, 84), closed=False), 0xFFFFFF, 2.6)
    x = 64 - side * (50 + 4 * r[1])
    pen.stroke(polygon([(x, 100), (x + side * 5, 58)], False), 0xFFFFFF, 2.0)
    pen.fill(
        curve((x - 17, 66), (x - 9, 44, x + side * 6, 46), (x + 20, 46, x + 25 * (0.9), 66), (x + 4, 59, x - 17, 66)), 0xEF6A5C
    )
    pen.fill(curve((x - 3, 62), (x + 0, 48, x + side * 5, 46), (x + 9, 50, x + 11, 62), (x + 4, 60, x - 3, 62)), 0xFFF6E8)


def draw_city(pen: Pen, r: Numbers) -> None:
    """Two rows of houses with large windows, pavement and street."""
    _sky(pen, 0xF9A98A, 0xFDE6B8, 86)
    pen.fill(oval(64 + 34 * r[0], 56, 15, 15), 0xFFF1C4)
    for x, top, wide in ((-8, 40, 30), (20, 52, 22), (46, 34, 24), (78, 48, 26), (106, 36, 32)):
        pen.fill(box(x + 6 * r[1], top + 5 * r[2], x + wide + 6 * r[1], 96), 0xC79AA8)
    for x, top, wide, colour in (
        (-14, 50, 32, 0x7E6C92),
        (24, 66, 22, 0x927AA0),
        (86, 62, 22, 0x927AA0),
        (110, 44, 34, 0x7E6C92),
    ):
        x += 4 * r[3]
        pen.fill(box(x, top, x + wide, 98), colour)
        for row in range(int((92 - top) // 13)):
            for column in range(2):
                left = x + 4.5 + column * (wide - 6) / 2
                pen.fill(box(left, top + 5 + row * 13, left + wide * 0.26, top + 12 + row * 13, 0.8), 0xFFE29A)
    pen.fill(box(-40, 94, 168, 104), 0xCFC6CC)
    pen.gradient(box(-40, 101, 168, 200), 0x7D7688, 0x67617A, 101, 128)
    for x in range(-34, 160, 34):
        pen.fill(box(x + 8 * r[0], 120, x + 17 + 8 * r[0], 122.4, 1), 0xF7E7B0)


def draw_night(pen: Pen, r: Numbers) -> None:
    """The city at night: moon, lit windows and a lamp."""
    _sky(pen, 0x1F2450, 0x4A4C8C, 92)
    side = 1 if r[0] >= 0 else -1
    pen.fill(oval(64 + side * 40, 20 + 3 * r[1], 10, 10), 0xFFF2C2)
    pen.fill(oval(64 + side * 36, 17 + 3 * r[1], 8.4, 8.4), 0x272C5A)
    for x, y in ((16, 14), (38, 30), (60, 10), (84, 26), (110, 44)):
        pen.fill(oval(128 - x if side > 0 else x, y + 3 * r[2], 1.3, 1.3), 0xFFF6D8)
    for x, top, wide in ((-6, 46, 28), (26, 58, 26), (56, 42, 22), (82, 54, 24), (108, 40, 30)):
        pen.fill(box(x + 6 * r[3], top, x + wide + 6 * r[3], 98), 0x363A70)
    for x, top, wide in ((-14, 58, 32), (110, 50, 32)):
        x += 3 * r[2]
        pen.fill(box(x, top, x + wide, 98), 0x282B57)
        for row in range(int((92 - top) // 13)):
            for column in range(2):
                left = x + 4.5 + column * (wide - 6) / 2
                pen.fill(
                    box(left, top + 5 + row * 13, left + 8, top + 12 + row * 13, 0.8),
                    0xFFD876 if (row + column) % 2 == 0 else 0x4C5190,
                )
    pen.fill(box(-40, 94, 168, 103), 0x5B5F95)
    pen.gradient(box(-40, 101, 168, 200), 0x3B3E6C, 0x2E3058, 101, 128)
    x = 64 - side * 38
    pen.fill(oval(x, 48, 13, 13), 0xFFE9A0, 70)
    pen.stroke(polygon([(x, 100), (x, 50)], False), 0x1E2044, 2.6)
    pen.fill(oval(x, 48, 5, 5.6), 0xFFE9A0)


def draw_snow(pen: Pen, r: Numbers) -> None:
    """White hills, pines, a few large flakes."""
    _sky(pen, 0xA9CBE8, 0xEAF3FA, 82)
    pen.fill(curve((-40, 84), (10 + 14 * r[0], 36, 66, 84)), 0xCFE0F0)
    pen.fill(curve((50, 84), (110 + 14 * r[0], 44, 176, 84)), 0xC2D7EB)
    _pine(pen, 13 + 4 * r[1], 92, 1.1, 0x3F7F74, True)
    _pine(pen, 116 + 4 * r[2], 90, 1.0, 0x478A7C, True)
    pen.gradient(
        curve((-40, 92), (30, 80 + 4 * r[3], 70, 86), (110, 92, 168, 82), (168, 200), (-40, 200)), 0xFFFFFF, 0xDCE8F4, 84, 128
    )
    for x, y in ((30, 14), (52, 34), (88, 12), (100, 40), (36, 58), (92, 64), (70, 20)):
        pen.fill(oval(x + 8 * r[2], y + 6 * r[1], 1.9, 1.9), 0xFFFFFF)


def draw_forest(pen: Pen, r: Numbers) -> None:
    """Dark trunks, light between them, moss."""
    pen.gradient(box(-40, -60, 168, 100), 0x4E9A77, 0xCDE8A6, 0, 92)
    for x, wide in ((30, 9), (52, 7), (80, 8), (100, 9)):
        pen.fill(box(x + 6 * r[0], -60, x + wide + 6 * r[0], 96), 0x6FAE85)
    for x, lean in ((-6 + 4 * r[1], 3), (112 + 4 * r[2], -3)):
        pen.fill(curve((x - 3, 104), (x + 3, 60, x + lean, -60), (x + 18 + lean, -60), (x + 16, 60, x + 25, 104)), 0x6B4B3E)
        pen.fill(
            curve((x + 14, 104), (x + 13, 60, x + 13 + lean, -60), (x + 18 + lean, -60), (x + 16, 60, x + 25, 104)), 0x573B35
        )
    for x, y, radius in ((2, 2, 20), (30, -8, 18), (62, -12, 20), (96, -8, 18), (126, 2, 21)):
        pen.fill(oval(x + 3 * r[3], y, radius, radius), 0x2F7358)
    pen.gradient(
        curve((-40, 96), (40, 86 + 3 * r[0], 80, 92), (120, 97, 168, 90), (168, 200), (-40, 200)), 0x5E9E58, 0x3F7F4E, 90, 128
    )
    for x, y in ((14, 112), (112, 114)):
        x += 6 * r[1]
        pen.fill(box(x - 1.6, y - 5, x + 1.6, y + 2, 1), 0xFFF1DE)
        pen.fill(curve((x - 6, y - 4), (x - 5, y - 11, x, y - 11), (x + 5, y - 11, x + 6, y - 4)), 0xE45B50)


def draw_desert(pen: Pen, r: Numbers) -> None:
    """Dunes, table mountains, a cactus and a large sun."""
    _sky(pen, 0xFBC46C, 0xFFF0C6, 80)
    pen.fill(oval(64 + 36 * r[0], 30, 13, 13), 0xFFFBE2)
    pen.fill(polygon([(-10, 84), (-2, 54), (24, 54), (34, 84)]), 0xD98E63)
    pen.fill(polygon([(88, 84), (98, 60), (124, 60), (140, 84)]), 0xD0825C)
    _ground(pen, 80, 0xF4BF76, 0xE39B58, 4)
    pen.fill(curve((-40, 100), (20 + 10 * r[1], 80, 84, 104), (130, 112, 168, 100), (168, 200), (-40, 200)), 0xEBAA64)
    side = 1 if r[2] >= 0 else -1
    x, y = 64 + side * (47 + 3 * r[3]), 100
    for points in (
        [(x, y), (x, y - 44)],
        [(x, y - 14), (x - 11, y - 16), (x - 11, y - 30)],
        [(x, y - 20), (x + 10, y - 22), (x + 10, y - 33)],
    ):
        pen.stroke(polygon(points, False), 0x3F8A5E, 8.5 if len(points) == 2 else 6.2)
    pen.stroke(polygon([(x - 1.6, y - 4), (x - 1.6, y - 42)], False), 0x63AC74, 2.0)


DRAWERS = {
    "park": draw_park, "beach": draw_beach, "city": draw_city, "night": draw_night, "snow": draw_snow,
    "forest": draw_forest, "desert": draw_desert,
}  # fmt: skip
