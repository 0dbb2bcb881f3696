"""The torso and what covers it: t-shirt, hoodie, dress, coat, skirt, and their patterns."""

from dataclasses import replace

from paperdoll.drawing import emblems, parts
from paperdoll.drawing.look import Look
from paperdoll.drawing.pen import LINE, OUTLINE, Pen, box, curve, darker, lighter, oval, polygon, skia
from paperdoll.drawing.skeleton import Skeleton
from paperdoll.identity import Figure


def draw_torso(pen: Pen, bones: Skeleton, figure: Figure, look: Look) -> None:
    """Draw the torso in its top, with skirt, pattern and details."""
    top, outfit = figure.outfit.top, figure.outfit
    if outfit.bottom == "skirt":
        _draw_skirt(pen, bones, look)
    outline = _torso_path(bones, top)
    build = bones.build
    pen.place_box(parts.TORSO, -build.hip_x, bones.shoulder_y, build.hip_x, bones.hip_y + 3)
    pen.shape(outline, look.top, parts.TORSO, parts.TOP)
    with pen.inside(outline):
        # One soft shadow down the side away from the light, one under the chin.
        far = build.shoulder_x + 14
        pen.fill(
            curve(
                (build.waist_x * 0.5, bones.shoulder_y - 2),
                (build.waist_x * 0.25, bones.hip_y - 10, build.hip_x * 0.62, -8 if top in ("dress", "coat") else bones.hip_y + 4),
                (far, bones.hip_y + 20),
                (far, bones.shoulder_y - 4),
            ),
            look.top_dark,
            150,
        )
        _draw_pattern(pen, bones, figure, look)
        pen.fill(oval(bones.head[0], bones.shoulder_y - 1.5, build.shoulder_x * 0.95, 5.0), look.top_dark)
    _draw_details(pen, bones, figure, look, outline)
    _draw_sign(pen, bones, figure, look)
    pen.stroke(outline, OUTLINE)


def _torso_path(bones: Skeleton, top: str) -> skia.Path:
    build, hip = bones.build, bones.hip_y
    shoulder, y = build.shoulder_x * (0.92 if bones.yaw else 1.0), bones.shoulder_y
    waist, hem = build.waist_x, build.hip_x + 0.8
    middle = (y + hip) / 2 + 1
    if top in ("dress", "coat"):
        # Kneeling hems: a coat stops above the knee, a dress flares to it; on a stool both lie on the lap.
        end = hip + 8 if bones.seat else hip + build.thigh * (0.92 if top == "dress" else 0.86)
        flare = hem + (7.5 if top == "dress" else 2.6)
        left_waist = waist - (0.6 if top == "dress" else -0.8)
        return curve(
            (-4.5, y),
            (-shoulder, y, -shoulder - 0.2, y + 4.5),
            (-left_waist, middle - 3, -left_waist, middle + 2),
            (-left_waist - 1.5, hip, -flare, end),
            (0, end + 3.2, flare, end),
            (left_waist + 1.5, hip, left_waist, middle + 2),
            (left_waist, middle - 3, shoulder + 0.2, y + 4.5),
            (shoulder, y, 4.5, y),
        )
    end = hip + (3.8 if top == "hoodie" else 2.6)
    puff = 1.2 if top == "hoodie" else 0.0
    return curve(
        (-4.5, y),
        (-shoulder, y, -shoulder - 0.2, y + 4.5),
        (-waist - puff, middle, -hem - puff, end),
        (0, end + 1.6, hem + puff, end),
        (waist + puff, middle, shoulder + 0.2, y + 4.5),
        (shoulder, y, 4.5, y),
    )


def _draw_skirt(pen: Pen, bones: Skeleton, look: Look) -> None:
    build, hip = bones.build, bones.hip_y
    end, flare = (hip + 7.5 if bones.seat else hip + build.thigh * 0.78), build.hip_x + 6.5
    path = curve(
        (-build.hip_x, hip - 4),
        (-build.hip_x - 2, hip + 1, -flare, end),
        (0, end + 3.6, flare, end),
        (build.hip_x + 2, hip + 1, build.hip_x, hip - 4),
    )
    pen.shape(path, look.bottom, parts.TORSO, parts.BOTTOM)
    with pen.inside(path):
        for x in (0.12, 0.62):
            pen.fill(polygon([(build.hip_x * x, hip), (flare * x - 1, end + 5), (flare * (x + 0.26), end + 5)]), look.bottom_dark)
        pen.fill(polygon([(-build.hip_x * 0.3, hip), (-flare * 0.5, end + 5), (-flare * 0.28, end + 5)]), look.bottom_dark)
    pen.stroke(path, OUTLINE)


def _draw_pattern(pen: Pen, bones: Skeleton, figure: Figure, look: Look) -> None:
    pattern, y, hip = figure.outfit.pattern, bones.shoulder_y, bones.hip_y
    long = figure.outfit.top in ("dress", "coat")
    shift = bones.yaw * 1.6
    if pattern == "striped":
        step, at = 6.2, y + 6.5
        while at < (-2 if long else hip + 4):
            pen.stroke(curve((-30, at - 0.6), (0, at + 1.4, 30, at - 0.6), closed=False), look.pattern, 2.9)
            at += step
    elif pattern == "dotted":
        row, at = 0, y + 6.0
        while at < (-2 if long else hip + 4):
            for column in range(-4, 5):
                pen.fill(oval(column * 6.4 + (3.2 if row % 2 else 0) + shift, at, 1.65, 1.65), look.pattern)
            row, at = row + 1, at + 5.4


def _draw_sign(pen: Pen, bones: Skeleton, figure: Figure, look: Look) -> None:
    """Draw the star or heart on the chest, over seams and lapels."""
    pattern, shift = figure.outfit.pattern, bones.yaw * 1.8
    if pattern in ("star", "heart"):
        centre = (
            bones.shoulder_y + bones.build.torso * {"t-shirt": 0.5, "dress": 0.5, "hoodie": 0.62, "coat": 0.6}[figure.outfit.top]
        )
        sign = emblems.star(shift, centre, 6.8) if pattern == "star" else emblems.heart(shift, centre, 5.9)
        pen.fill(sign, look.pattern)
        pen.stroke(sign, OUTLINE, 0.9)


def _draw_details(pen: Pen, bones: Skeleton, figure: Figure, look: Look, outline: skia.Path) -> None:
    top, y, hip, build = figure.outfit.top, bones.shoulder_y, bones.hip_y, bones.build
    middle = bones.yaw * 2.4
    if top == "t-shirt":
        neck = curve(
            (-5.5 + middle, y - 2), (-5 + middle, y + 4.6, 0 + middle, y + 4.6), (5 + middle, y + 4.6, 5.5 + middle, y - 2)
        )
        pen.fill(neck, look.skin_dark)
        pen.stroke(neck, look.top_dark, 1.5)
    elif top == "hoodie":
        hood = curve((-9.5 + middle, y - 3), (-8 + middle, y + 7.5, middle, y + 7.5), (8 + middle, y + 7.5, 9.5 + middle, y - 3))
        pen.shape(hood, look.top_dark, parts.TORSO, parts.TOP, 1.0)
        for side in (-1, 1):
            pen.stroke(
                polygon([(middle + side * 2.6, y + 6), (middle + side * 3.0, y + 11.5)], False), lighter(look.top, 0.75), 1.1
            )
        if figure.outfit.pattern not in ("star", "heart"):
            pocket = polygon([(middle - 4.2, hip - 8), (middle + 4.2, hip - 8), (middle + 6.6, hip - 1), (middle - 6.6, hip - 1)])
            pen.fill(pocket, look.top)
            pen.stroke(pocket, OUTLINE, 0.8)
        with pen.inside(outline):
            pen.stroke(curve((-20, hip + 3.4), (0, hip + 5.2, 20, hip + 3.4), closed=False), look.top_dark, 3.2)
    elif top == "dress":
        with pen.inside(outline):
            waist = (y + hip) / 2 + 3
            pen.stroke(curve((-16, waist), (0, waist + 2, 16, waist), closed=False), look.top_dark, 3.0)
        collar = curve(
            (-6.5 + middle, y - 1), (-5 + middle, y + 5.6, middle, y + 4.2), (5 + middle, y + 5.6, 6.5 + middle, y - 1)
        )
        pen.fill(collar, 0xFFF8EE)
        pen.stroke(collar, OUTLINE, 0.8)
    else:
        end = hip + 8 if bones.seat else hip + build.thigh * 0.86 + 1
        pen.stroke(polygon([(middle, y + 6), (middle, end)], False), OUTLINE, 1.0)
        signed = figure.outfit.pattern in ("star", "heart")
        for side in (-1, 1):
            lapel = polygon(
                [(middle + side * 2.0, y - 1), (middle + side * 8.4, y + 1), (middle + side * 6.6, y + 8), (middle, y + 10)]
            )
            pen.fill(lapel, lighter(look.top, 0.22))
            pen.stroke(lapel, OUTLINE, 0.8)
            at = hip + 1.5
            pen.stroke(polygon([(middle + side * 4.5, at), (middle + side * 9.0, at + 1.2)], False), look.top_dark, 1.8)
        for row in (hip - 5.0, hip + 2.5) if not signed else (hip + 3.0,):
            pen.fill(oval(middle - 2.6, row, 1.35, 1.35), 0xFFE9B0)
            pen.stroke(oval(middle - 2.6, row, 1.35, 1.35), OUTLINE, 0.6)


def draw_neck(pen: Pen, bones: Skeleton, look: Look) -> None:
    """Draw the neck, seen only on adults, between torso and head."""
    pen.shape(
        box(bones.head[0] * 0.6 - 3.2, bones.shoulder_y - 5, bones.head[0] * 0.6 + 3.2, bones.shoulder_y + 3, 1.5),
        look.skin_dark,
        parts.TORSO,
        0,
        LINE * 0.9,
    )


def draw_empty(pen: Pen, bones: Skeleton, figure: Figure, look: Look) -> None:
    """Draw the top and skirt with nobody in them, sleeves out to the sides."""
    for side in (-1, 1):
        start = (side * (bones.build.shoulder_x - 1.0), bones.shoulder_y + 3.2)
        reach = 16.0 if figure.outfit.top in ("hoodie", "coat") else 8.0
        end = (start[0] + side * reach * 0.8, start[1] + reach * 0.75)
        sleeve = polygon([start, end], False)
        pen.limb(((sleeve, look.top, parts.TORSO, parts.TOP),), sleeve, bones.build.arm_width + 2.0)
    lining = darker(look.top, 0.4)
    with pen.inside(box(-60, bones.shoulder_y - 0.6, 60, 60)):
        draw_torso(pen, bones, figure, replace(look, skin=lining, skin_dark=lining))
