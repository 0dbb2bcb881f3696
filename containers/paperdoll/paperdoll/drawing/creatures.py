"""Heads of robots, cats and dogs, in the head's frame (40 units high around (0, 0))."""

from paperdoll.drawing import palette, parts
from paperdoll.drawing.face import draw_brows, draw_cheek_mark, draw_face, draw_mouth, eye_points
from paperdoll.drawing.look import Look
from paperdoll.drawing.pen import LINE, OUTLINE, Pen, box, curve, darker, lighter, oval, polygon, smooth
from paperdoll.identity import Figure


def draw_animal_head(pen: Pen, figure: Figure, look: Look, half: float, yaw: int) -> None:
    """Draw a cat's or dog's head; ears have the volume and asymmetry traits."""
    identity = figure.identity
    cat, grow = identity.kind == "cat", 1 + 0.3 * identity.hair_volume
    half *= 1.06
    if cat:
        for side in (-1, 1):
            lean = side * (5.0 + 5.5 * identity.hair_part * side)
            x, tall = side * half * 0.62 - yaw * 2, 17.5 * grow
            ear = curve(
                (x - side * 8.6, -14),
                (x + lean * 0.6 - side * 2, -16 - tall * 0.7, x + lean, -13 - tall),
                (x + lean + side * 3.4, -16, x + side * 6.8, -4),
            )
            pen.shape(ear, look.skin, parts.EARS)
            pen.fill(
                polygon([(x - side * 4.2, -13.5), (x + lean * 0.92, -10 - tall * 0.86), (x + side * 4.2, -7.5)]),
                _inner(identity.hair_hue),
            )
    skull = curve(
        (0, -19.5),
        (half * 0.7, -19.5, half, -11, half, 1),
        (half * (1.02 + 0.07 * identity.jaw), 12 + 3.5 * identity.jaw, half * (0.6 + 0.28 * identity.jaw), 20, 0, 20),
        (-half * (0.6 + 0.28 * identity.jaw), 20, -half * (1.02 + 0.07 * identity.jaw), 12 + 3.5 * identity.jaw, -half, 1),
        (-half, -11, -half * 0.7, -19.5, 0, -19.5),
    )
    pen.shape(skull, look.skin, parts.HEAD)
    with pen.inside(skull):
        _draw_marking(pen, figure, look, half, yaw)
        pen.fill(curve((half * 0.84, -8), (half * 0.98, 10, half * 0.2, 21), (half + 3, 21), (half + 3, -8)), look.skin_dark, 110)
        muzzle = oval(yaw * 5, 13.0, 9.6 if cat else 10.8, 7.6 if cat else 9.6)
        pen.fill(muzzle, look.trim)
    pen.stroke(skull, OUTLINE, LINE)
    draw_face(pen, figure, look, yaw)
    draw_brows(pen, figure, look, yaw)
    x = yaw * 6.0
    if cat:
        pen.fill(curve((x - 2.5, 8.2), (x, 7.4, x + 2.5, 8.2), (x + 1.6, 11.0, x, 11.2), (x - 1.6, 11.0, x - 2.5, 8.2)), 0xE8708A)
        for side in (-1, 1):
            for dy, up in ((0.0, -1.6), (3.2, 1.6)):
                start = x + side * 9.0
                pen.stroke(polygon([(start, 12 + dy), (start + side * 9.0, 12 + dy + up)], False), OUTLINE, 0.8)
        draw_mouth(pen, figure, yaw * 5.6, 14.6, -0.8)
    else:
        pen.fill(oval(x, 8.6, 4.2, 3.0), 0x35293A)
        pen.fill(oval(x - 1.2, 7.6, 1.2, 0.8), 0x9A90A4)
        draw_mouth(pen, figure, yaw * 5.6, 15.2, -0.2)
        _draw_dog_ears(pen, figure, look, half, yaw, grow)


def _inner(hue: float) -> int:
    return palette.vary(0xF2A0A8, 0.03 * hue, 0.06 * hue)


def _draw_dog_ears(pen: Pen, figure: Figure, look: Look, half: float, yaw: int, grow: float) -> None:
    colour = darker(look.skin, 0.34)
    for side in (-1, 1):
        x, lift = side * half * 0.74 - yaw * 2, side * figure.identity.hair_part * 7.5
        low = 11 * grow - lift
        ear = smooth(
            [
                (x - side * 4.5, -18.5),
                (x + side * 5.5, -16.5),
                (x + side * 9.5 * grow, -2 - lift * 0.5),
                (x + side * 7.2 * grow, low),
                (x + side * 1.0, low - 3.5),
                (x + side * 0.4, -7),
            ]
        )
        pen.shape(ear, colour, parts.EARS)
        pen.stroke(
            curve((x + side * 4.5, -11.5), (x + side * 7.4 * grow, -6, x + side * 7.0 * grow, 1), closed=False),
            lighter(colour, 0.25),
            1.8,
        )


def _draw_marking(pen: Pen, figure: Figure, look: Look, half: float, yaw: int) -> None:
    marking = figure.identity.marking
    light = look.trim
    (left, y, _), (right, _, _) = eye_points(figure, yaw)
    if marking == "stripes":
        for x, low in ((-6.0, -10.5), (0.0, -8.0), (6.0, -10.5)):
            pen.fill(polygon([(x + yaw * 3 - 2.1, -21), (x + yaw * 3 + 2.1, -21), (x + yaw * 3, low)]), look.ink)
    elif marking == "patch":
        x = left if figure.identity.hair_part > 0 else right
        pen.fill(
            oval(x, y - 0.5, 7.6, 9.4), lighter(look.skin, 0.3) if figure.identity.surface == "black" else darker(look.skin, 0.42)
        )
    elif marking == "mask":
        pen.fill(curve((-half, 2), (0, -1, half, 2), (half, 22), (-half, 22)), light)
    elif marking == "blaze":
        pen.fill(
            curve(
                (yaw * 4 - 3.4, -21),
                (yaw * 4 - 1.5, 0, yaw * 5 - 7, 12),
                (yaw * 5 + 7, 12),
                (yaw * 4 + 1.5, 0, yaw * 4 + 3.4, -21),
            ),
            light,
        )


def draw_robot_head(pen: Pen, figure: Figure, look: Look, half: float, yaw: int) -> None:
    """Draw a robot's head: antenna and bolts have the volume and asymmetry traits."""
    identity = figure.identity
    x, tall = 11.5 * identity.hair_part - yaw * 2, 8.5 * (1 + 0.45 * identity.hair_volume)
    if figure.outfit.hat_colour == "none":
        pen.stroke(polygon([(x, -16), (x, -19 - tall)], False), OUTLINE, 3.4)
        pen.stroke(polygon([(x, -16), (x, -19 - tall)], False), look.joint, 1.5)
        pen.shape(oval(x, -20 - tall, 3.3 + identity.hair_volume, 3.3 + identity.hair_volume), 0xF2575C, parts.EARS)
    for side in (-1, 1):
        bolt = box(side * half - yaw * 2 - 3.6, -4.5, side * half - yaw * 2 + 3.6, 7.5, 2.4)
        pen.shape(bolt, look.joint, parts.EARS)
    corner = 8.0 - 5.5 * identity.jaw
    skull = box(-half, -18.5, half, 18.5, corner)
    pen.shape(skull, look.skin, parts.HEAD)
    with pen.inside(skull):
        pen.fill(box(half * 0.72, -19, half + 1, 19), look.skin_dark, 150)
        pen.fill(box(-half + 3, -16.8, half * 0.4, -14.2, 1.2), lighter(look.skin, 0.45))
    pen.stroke(skull, OUTLINE)
    screen = box(-half + 3.6 + yaw * 1.6, -11.0, half - 3.6 + yaw * 1.6, 15.2, max(2.0, corner - 2.5))
    pen.fill(screen, look.trim)
    pen.stroke(screen, OUTLINE, 1.0)
    if identity.marking == "visor":
        pen.shade(screen, box(-half, -12, half, -6.6), darker(look.skin, 0.3))
    elif identity.marking == "dial":
        for dial in (-1, 1):
            pen.fill(oval(dial * half * 0.62 + yaw * 2, 11.6, 2.3, 2.3), 0xF2A03C)
    for (eye, y, scale), side in zip(eye_points(figure, yaw), (-1, 1), strict=True):
        _draw_lamp(pen, figure, look, eye, y - 1.2, scale, side)
    draw_mouth(pen, figure, yaw * 5, 10.4, -0.4)
    draw_cheek_mark(pen, figure, look, yaw)


def _draw_lamp(pen: Pen, figure: Figure, look: Look, x: float, y: float, scale: float, side: int) -> None:
    identity, mood = figure.identity, figure.expression
    size = 4.7 * scale * (1 + 0.22 * identity.eye_size) * (1.14 if mood == "surprised" else 1.0)
    if mood == "laughing":
        pen.stroke(curve((x - size, y + 2), (x, y - size * 1.3, x + size, y + 2), closed=False), look.iris, 2.6)
    else:
        pen.fill(oval(x, y, size, size), look.iris)
        pen.stroke(oval(x, y, size, size), OUTLINE, 1.1)
        pen.fill(oval(x, y, size * 0.5, size * 0.5), 0x2B2433)
        pen.fill(oval(x - size * 0.32, y - size * 0.36, size * 0.3, size * 0.3), 0xFFFFFF)
    slope = {"angry": 3.2, "sad": -3.2}.get(mood, 2.4 * identity.brow_tilt)
    at = y - size - 1.7 - (1.4 if mood == "surprised" else 0)
    width = 1.7 * (1 + 0.5 * identity.brow_weight)
    pen.stroke(polygon([(x - side * 3.8, at + slope * 0.6), (x + side * 4.0, at - slope * 0.6)], False), OUTLINE, width)
