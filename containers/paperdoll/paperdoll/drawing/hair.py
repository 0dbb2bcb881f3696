"""Hair behind and before the head, in the head's frame (40 units high around (0, 0))."""

import math

from paperdoll.drawing import parts
from paperdoll.drawing.look import Look
from paperdoll.drawing.pen import LINE, OUTLINE, Pen, curve, oval, polygon, skia, smooth
from paperdoll.identity import Identity


def _size(identity: Identity) -> float:
    """Return how far the hair stands off the skull."""
    return 2.9 + 1.9 * identity.hair_volume


def draw_back_hair(pen: Pen, identity: Identity, look: Look, half: float, yaw: int, hidden: bool) -> None:
    """Draw what hangs or stands behind the head; `hidden` hair lies under a hat."""
    style, off = identity.hair_style, _size(identity)
    drift, wide = -yaw * 3.0, half + off
    if style == "long":
        low = 33 + 4 * identity.hair_volume
        path = curve(
            (drift, -20 - off),
            (drift + wide * 1.1, -20 - off, drift + wide * 1.12, 4, drift + wide * 0.98, low - 6),
            (drift + wide * 0.9, low + 3, drift + wide * 0.35, low),
            (drift - wide * 0.35, low),
            (drift - wide * 0.9, low + 3, drift - wide * 0.98, low - 6),
            (drift - wide * 1.12, 4, drift - wide * 1.1, -20 - off, drift, -20 - off),
        )
        pen.shape(path, look.hair_dark, parts.HAIR)
    elif style == "bob":
        path = curve(
            (drift, -20 - off),
            (drift + wide * 1.15, -20 - off, drift + wide * 1.2, 2, drift + wide * 1.04, 15),
            (drift + wide * 0.9, 20.5, drift + wide * 0.4, 18),
            (drift - wide * 0.4, 18),
            (drift - wide * 0.9, 20.5, drift - wide * 1.04, 15),
            (drift - wide * 1.2, 2, drift - wide * 1.15, -20 - off, drift, -20 - off),
        )
        pen.shape(path, look.hair_dark, parts.HAIR)
    elif style == "pigtails":
        for side in (-1, 1):
            x, fat = drift * 0.5 + side * (half + 1.5), 6.6 + 2.0 * identity.hair_volume
            tail = smooth(
                [
                    (x, -4),
                    (x + side * fat * 1.35, -1),
                    (x + side * fat * 1.5, 12),
                    (x + side * fat * 0.75, 25),
                    (x - side * 0.5, 13),
                ]
            )
            pen.shape(tail, look.hair, parts.HAIR)
            pen.shade(tail, oval(x + side * fat * 0.2, 15, fat * 0.6, 13), look.hair_dark)
            pen.stroke(tail, OUTLINE)
            pen.stroke(
                curve((x + side * fat * 0.95, 3), (x + side * fat * 1.3, 9, x + side * fat * 0.95, 15), closed=False),
                look.hair_light,
                1.7,
            )
            pen.shape(oval(x + side * 0.8, -2.5, 2.9, 3.4), 0xE8536F if identity.hair_colour != "red" else 0x4A83DB, parts.HAIR)
    elif style == "ponytail":
        side = -yaw or (1 if identity.hair_part >= 0 else -1)
        fat = 6.5 + 2.2 * identity.hair_volume
        tail = smooth(
            [
                (side * 8, -20 - off),
                (side * (half + fat), -22),
                (side * (half + fat + 3.5), -2),
                (side * (half + 3.5), 19),
                (side * (half + 0.5), 0),
            ]
        )
        pen.shape(tail, look.hair, parts.HAIR)
        pen.shade(tail, oval(side * (half + 1), 6, fat * 0.55, 17), look.hair_dark)
        pen.stroke(tail, OUTLINE)
        pen.stroke(
            curve((side * (half + fat - 2), -13), (side * (half + fat + 1.2), -4, side * (half + fat - 1), 4), closed=False),
            look.hair_light,
            1.8,
        )
        if not hidden:
            pen.shape(
                oval(side * 11, -20 - off * 0.6, 3.6, 3.0), 0xE8536F if identity.hair_colour != "red" else 0x4A83DB, parts.HAIR
            )
    elif style == "bun" and not hidden:
        radius = 8.4 + 1.8 * identity.hair_volume
        x, y = drift + 3.0 * identity.hair_part, -22.0 - off - radius * 0.45
        bun = oval(x, y, radius, radius * 0.92)
        pen.shape(bun, look.hair, parts.HAIR)
        pen.shade(bun, oval(x + radius * 0.3, y + radius * 0.7, radius, radius * 0.8), look.hair_dark)
        pen.stroke(bun, OUTLINE)
        pen.stroke(
            curve(
                (x - radius * 0.5, y - radius * 0.25),
                (x - radius * 0.2, y - radius * 0.62, x + radius * 0.25, y - radius * 0.55),
                closed=False,
            ),
            look.hair_light,
            1.8,
        )
    elif style == "curly":
        blobs = [
            oval(
                drift + math.sin(math.radians(angle)) * (half + off * 0.5),
                -3 - math.cos(math.radians(angle)) * (19 + off * 0.5),
                5.2 + off * 0.7,
                5.2 + off * 0.7,
            )
            for angle in range(-126, 127, 28)
        ]
        pen.joined(blobs, look.hair_dark, parts.HAIR)
    elif style == "spiky" and not hidden:
        _draw_spikes(pen, identity, look, half, drift, off)


def _draw_spikes(pen: Pen, identity: Identity, look: Look, half: float, drift: float, off: float) -> None:
    points = []
    lean = 14 * identity.hair_part
    angles = range(-108, 109, 27)
    for index, angle in enumerate(angles):
        turn = math.radians(angle + lean * 0.5)
        tip, rx, ry = 5.5 + off * 1.5, half, 18.5
        points.append((drift + math.sin(turn) * (rx + tip), -3 - math.cos(turn) * (ry + tip)))
        if index < len(angles) - 1:
            turn = math.radians(angle + 13.5)
            points.append((drift + math.sin(turn) * (rx + off * 0.3), -3 - math.cos(turn) * (ry + off * 0.3)))
    points += [(half * 0.6, 4), (-half * 0.6, 4)]
    pen.shape(polygon(points), look.hair, parts.HAIR)


def draw_front_hair(pen: Pen, identity: Identity, look: Look, half: float, yaw: int) -> None:
    """Draw cap and fringe over the forehead, with one light and one shadow."""
    style, off = identity.hair_style, _size(identity)
    part = 8.5 * identity.hair_part + yaw * 4.5
    drift, wide = -yaw * 0.8, half + off * (0.75 if style in ("short", "spiky", "bun", "ponytail", "pigtails") else 1.0)
    top = -20 - off
    low = {"short": -1.0, "spiky": -1.0, "bun": 0.5, "pigtails": 2.0, "ponytail": 0.5, "long": 17.0, "bob": 13.0, "curly": -1}[
        style
    ]
    if style == "curly":
        blobs = [
            oval(drift + x * (half + 1) + part * 0.3, y - off * 0.5 + x * part * 0.42, 5.4 + off * 0.55, 4.9 + off * 0.5)
            for x, y in ((-0.78, -8.5), (-0.4, -13.5), (0.05, -15), (0.48, -13.5), (0.8, -8))
        ]
        crown = oval(drift, -15 - off * 0.4, half * 0.86, 9.0)
        pen.joined(blobs, look.hair, parts.HAIR)
        pen.fill(crown, look.hair)
        pen.mark(crown, parts.HAIR, 0)
        pen.stroke(
            curve(
                (drift - half * 0.55, -20 - off * 0.5),
                (drift - half * 0.2, -24.5 - off * 0.6, drift + half * 0.2, -23 - off * 0.6),
                closed=False,
            ),
            look.hair_light,
            2.4,
        )
        return
    outer = (drift + wide, low)
    if style in ("short", "spiky"):
        # Swept across in three locks from the parting.
        flip = 1 if part >= yaw * 4.5 else -1
        tips = (
            (wide * 0.9, -1.5),
            (half * 0.66, -9.8),
            (half * 0.44, -4.6),
            (half * 0.08, -10.5),
            (-half * 0.2, -5.0),
            (-half * 0.55, -11.0),
            (-wide * 0.9, -2.0),
        )
        inner = [(flip * x + yaw * 2.0 * (abs(x) < half * 0.7), y) for x, y in tips]
        if flip < 0:
            inner.reverse()
        path = skia.Path()
        path.moveTo(drift + wide, low)
        for start, end in zip([(drift + wide, low), *inner[:-1]], inner, strict=True):
            path.quadTo((start[0] + end[0]) / 2 + flip * 1.6, (start[1] + end[1]) / 2 - 1.4, *end)
        path.lineTo(drift - wide, low)
    elif style == "bob":
        # A blunt fringe with one notch.
        tilt = 3.2 * identity.hair_part
        path = curve(
            outer,
            (drift + half * 0.86, low + 2),
            (half * 0.9, -4.5, half * 0.82, -7.0 + tilt),
            (half * 0.4, -5.2 + tilt * 0.6, part + 3.0, -6.0),
            (part, -11.0),
            (part - 3.0, -6.0),
            (-half * 0.4, -5.2 - tilt * 0.6, -half * 0.82, -7.0 - tilt),
            (-half * 0.9, -4.5, drift - half * 0.86, low + 2),
            (drift - wide, low),
            closed=False,
        )
    else:
        # Curtains that fall from the parting to the temples.
        temple = 3.0 if style in ("pigtails", "bun", "ponytail") else low - 1
        path = curve(
            outer,
            (drift + half * 0.88, temple + 1.5),
            (half * 0.94, -3.0, half * 0.78, -6.0),
            (half * 0.3, -5.6, part, -14.5),
            (-half * 0.3, -5.6, -half * 0.78, -6.0),
            (-half * 0.94, -3.0, drift - half * 0.88, temple + 1.5),
            (drift - wide, low),
            closed=False,
        )
    fringe = skia.Path(path)
    path.cubicTo(drift - wide * 1.04, low * 0.5 - 14, drift - wide * 0.72, top, drift, top)
    path.cubicTo(drift + wide * 0.72, top, drift + wide * 1.04, low * 0.5 - 14, drift + wide, low)
    path.close()
    pen.fill(path, look.hair)
    pen.mark(path, parts.HAIR, 0)
    with pen.inside(path):
        pen.fill(
            curve(
                (drift + wide * 0.62, top - 2),
                (drift + wide * 0.6, -8, drift + wide * 0.86, low + 4),
                (drift + wide + 3, low),
                (drift + wide + 3, top),
            ),
            look.hair_dark,
        )
        light = curve(
            (drift - wide * 0.66, top + 11), (drift - wide * 0.3, top + 3.4, drift + wide * 0.2, top + 4.8), closed=False
        )
        pen.stroke(light, look.hair_light, 2.8)
    # Spikes stand behind the cap: a line around it would make it a helmet.
    pen.stroke(fringe if style == "spiky" else path, OUTLINE, LINE)
    if style == "short" and identity.marking == "cowlick":
        tuft = curve(
            (drift - 4, top + 2),
            (drift - 3, top - 5, drift + 5 * (1 if part >= 0 else -1), top - 7),
            (drift + 2, top - 3, drift + 4, top + 2),
        )
        pen.shape(tuft, look.hair, parts.HAIR)
        pen.fill(oval(drift, top + 2.4, 4.2, 1.6), look.hair)
