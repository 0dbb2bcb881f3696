"""Eyes, brows, nose, mouth, cheeks: drawn in the head's frame, where the head is 40 units high around (0, 0)."""

from paperdoll import vocabulary as words
from paperdoll.drawing import emblems
from paperdoll.drawing.look import Look
from paperdoll.drawing.pen import OUTLINE, Pen, box, curve, darker, oval, polygon
from paperdoll.identity import Figure

MOUTH = 0x8E2F3F
TONGUE = 0xF27B84


def eye_points(figure: Figure, yaw: int) -> tuple[tuple[float, float, float], ...]:
    """Return (x, y, scale) of both eyes, picture's left first; the far eye is a little smaller."""
    spacing = 8.4 * (1 + 0.26 * figure.identity.eye_spacing)
    middle = yaw * 4.6
    return tuple(
        (middle + side * spacing * (0.82 if side == yaw else 0.94 if yaw else 1.0), 2.6, 0.88 if side == yaw else 1.0)
        for side in (-1, 1)
    )


def draw_face(pen: Pen, figure: Figure, look: Look, yaw: int) -> None:
    """Draw a person's or animal's face (robots have their own)."""
    identity = figure.identity
    animal = identity.kind in ("cat", "dog")
    eyes = eye_points(figure, yaw)
    if not animal:
        for x, _, scale in eyes:
            pen.fill(oval(x + (x - yaw * 4.6) * 0.32, 9.6, 3.5 * scale, 2.3), look.blush, 150)
    for (x, y, scale), side in zip(eyes, (-1, 1), strict=True):
        draw_eye(pen, figure, look, x, y, scale, side)
    if not animal:
        _draw_nose(pen, look, yaw)
        draw_mouth(pen, figure, yaw * 5.0, 13.2, 0.0)
    draw_cheek_mark(pen, figure, look, yaw)


def draw_brows(pen: Pen, figure: Figure, look: Look, yaw: int) -> None:
    """Draw both brows: over the fringe, so that mood and brow traits show under every hair style."""
    for (x, y, scale), side in zip(eye_points(figure, yaw), (-1, 1), strict=True):
        _draw_brow(pen, figure, look, x, y, scale, side)


def draw_eye(pen: Pen, figure: Figure, look: Look, x: float, y: float, scale: float, side: int) -> None:
    """Draw one eye: white, iris with a lit lower half, pupil, two lights, a lid line."""
    identity, mood = figure.identity, figure.expression
    size = scale * (1 + 0.22 * identity.eye_size) * (0.9 if identity.kind in words.ADULTS else 1.0)
    if mood == "laughing":
        arch = curve((x - 4.2 * size, y + 2.2), (x, y - 5.4 * size, x + 4.2 * size, y + 2.2), closed=False)
        pen.stroke(arch, look.ink if identity.surface == "black" else OUTLINE, 2.3)
        return
    tall = 1.12 if mood == "surprised" else 0.86 if mood == "angry" else 1.0
    rx, ry = 4.3 * size, 5.4 * size * tall
    white = oval(x, y, rx, ry)
    pen.fill(white, 0xFFFFFF)
    with pen.inside(white):
        iris = 3.3 * size * (0.84 if mood == "surprised" else 1.0)
        down = 0.5 if mood == "sad" else 0.2
        pen.fill(oval(x, y + down, iris, iris * 1.28), look.iris_dark)
        pen.fill(oval(x, y + down + iris * 0.42, iris * 0.9, iris * 0.92), look.iris)
        pen.fill(oval(x, y + down, iris * 0.48, iris * 0.66), 0x241C2B)
        if mood == "angry":
            pen.fill(
                polygon(
                    [
                        (x - rx - 1, y - ry - 1),
                        (x + rx + 1, y - ry - 1),
                        (x + rx + 1, y - ry * (0.72 if side > 0 else 0.12)),
                        (x - rx - 1, y - ry * (0.12 if side > 0 else 0.72)),
                    ]
                ),
                look.skin_dark,
            )
        elif mood == "sad":
            pen.fill(
                polygon(
                    [
                        (x - rx - 1, y - ry - 1),
                        (x + rx + 1, y - ry - 1),
                        (x + rx + 1, y - ry * (0.2 if side > 0 else 0.8)),
                        (x - rx - 1, y - ry * (0.8 if side > 0 else 0.2)),
                    ]
                ),
                look.skin_dark,
            )
    pen.fill(oval(x - 1.2 * size, y - 2.0 * size, 1.35 * size, 1.6 * size), 0xFFFFFF)
    pen.stroke(white, OUTLINE, 0.9)
    lid = curve(
        (x - rx, y - ry * 0.25), (x - rx * 0.7, y - ry * 1.28, x + rx * 0.7, y - ry * 1.28, x + rx, y - ry * 0.25), closed=False
    )
    pen.stroke(lid, OUTLINE, 1.5)
    if identity.kind in ("girl", "woman"):
        out = 1.5 if identity.kind == "girl" else 2.3
        pen.stroke(
            polygon([(x + side * rx * 0.92, y - ry * 0.45), (x + side * (rx + out), y - ry * 0.45 - out * 0.9)], False),
            OUTLINE,
            1.4,
        )


def _draw_brow(pen: Pen, figure: Figure, look: Look, x: float, y: float, scale: float, side: int) -> None:
    identity, mood = figure.identity, figure.expression
    rise = {"surprised": -3.2, "angry": 1.6, "sad": -0.4, "laughing": -0.8}.get(mood, 0.0)
    slope = {"angry": 3.4, "sad": -3.2}.get(mood, 2.6 * identity.brow_tilt)
    width = (2.2 if identity.kind == "man" else 1.75) * (1 + 0.52 * identity.brow_weight)
    size = 1 + 0.22 * identity.eye_size
    at = y - 5.4 * size - 2.9 + rise
    inner, outer = x - side * 3.6 * scale, x + side * 4.2 * scale
    colour = darker(look.hair, 0.42) if identity.hair_colour != "none" else look.ink
    pen.stroke(curve((inner, at + slope * 0.6), (x, at - 1.5, outer, at - slope * 0.6 + 0.4), closed=False), colour, width)


def _draw_nose(pen: Pen, look: Look, yaw: int) -> None:
    x = yaw * 6.6
    pen.stroke(curve((x - 1.2, 8.3), (x, 9.5, x + 1.2, 8.3), closed=False), darker(look.skin, 0.38), 1.3)


def draw_mouth(pen: Pen, figure: Figure, x: float, y: float, wide: float) -> None:
    """Draw the mouth of a mood, its width unnamed."""
    identity, mood = figure.identity, figure.expression
    half = 4.6 * (1 + 0.42 * identity.mouth_width) + wide
    lips = 0xC23B55 if identity.kind == "woman" else OUTLINE
    if mood in ("smiling", "laughing"):
        deep = 4.6 if mood == "smiling" else 6.2
        mouth = curve(
            (x - half, y - 1.6),
            (x, y - 0.4, x + half, y - 1.6),
            (x + half * 0.7, y - 1.6 + deep, x, y - 1.4 + deep),
            (x - half * 0.7, y - 1.6 + deep, x - half, y - 1.6),
        )
        pen.fill(mouth, MOUTH)
        with pen.inside(mouth):
            pen.fill(oval(x, y - 0.6 + deep, half * 0.62, deep * 0.5), TONGUE)
            if identity.marking == "tooth gap":
                pen.fill(box(x - half, y - 3, x - 0.8, y + 0.3), 0xFFFFFF)
                pen.fill(box(x + 0.8, y - 3, x + half, y + 0.3), 0xFFFFFF)
        pen.stroke(mouth, lips, 1.1)
    elif mood == "surprised":
        pen.fill(oval(x, y + 0.6, half * 0.52, 3.2), MOUTH)
        pen.stroke(oval(x, y + 0.6, half * 0.52, 3.2), lips, 1.1)
    elif mood == "neutral":
        pen.stroke(curve((x - half * 0.8, y), (x, y + 0.7, x + half * 0.8, y), closed=False), lips, 1.6)
    else:
        deep = 2.6 if mood == "sad" else 2.0
        pen.stroke(curve((x - half * 0.85, y + 1.6), (x, y - deep, x + half * 0.85, y + 1.6), closed=False), lips, 1.7)


def draw_cheek_mark(pen: Pen, figure: Figure, look: Look, yaw: int) -> None:
    """Draw the unnamed mark on the cheek at the picture's right (left when that one is turned away)."""
    mark = figure.identity.cheek_mark
    side = -1 if yaw > 0 else 1
    x, y = yaw * 3.2 + side * 11.6, 9.4
    if mark == "freckles":
        for dx, dy in ((-2.6, -0.9), (0, 0.8), (2.6, -0.9)):
            for cheek in (-1, 1):
                pen.fill(oval(yaw * 3.8 + cheek * 10.8 + dx, y + dy, 0.95, 0.95), look.ink)
    elif mark == "mole":
        pen.fill(oval(x - side * 1.4, y + 2.2, 1.5, 1.5), look.ink if figure.identity.surface == "black" else 0x331C26)
    elif mark == "scar":
        pen.stroke(polygon([(x - 3, y - 2.8), (x + 2.6, y + 2.8)], False), look.ink, 1.3)
        pen.stroke(polygon([(x - 2.0, y + 1.1), (x + 0.6, y - 1.4)], False), look.ink, 1.1)
    elif mark == "heart":
        pen.fill(emblems.heart(x, y, 2.7), 0xE23D5E)
    elif mark == "plaster":
        with pen.frame(x, y, -24 * side):
            pen.fill(box(-4.2, -1.9, 4.2, 1.9, 1.8), 0xFFF0C8)
            pen.stroke(box(-4.2, -1.9, 4.2, 1.9, 1.8), 0x8A6A4A, 0.8)
            pen.fill(box(-1.5, -1.9, 1.5, 1.9), 0xE2B982)
