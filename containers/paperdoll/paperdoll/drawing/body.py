"""Legs, arms, hands, feet, tail and stool; what is worn on them comes from `garments`."""

from paperdoll import vocabulary as words
from paperdoll.drawing import palette, parts
from paperdoll.drawing.look import Look
from paperdoll.drawing.pen import LINE, OUTLINE, Pen, box, curve, darker, oval, polygon
from paperdoll.drawing.skeleton import SIDES, Skeleton
from paperdoll.identity import Figure

Point = tuple[float, float]
LONG_SLEEVES = ("hoodie", "coat")


def along(start: Point, end: Point, amount: float) -> Point:
    """Return the point `amount` of the way from `start` to `end`."""
    return (start[0] + (end[0] - start[0]) * amount, start[1] + (end[1] - start[1]) * amount)


def _shift(points: tuple[Point, ...], dx: float) -> tuple[Point, ...]:
    return tuple((x + dx, y) for x, y in points)


def draw_stool(pen: Pen, bones: Skeleton) -> None:
    """Draw the round stool that a sitting figure needs in every place."""
    half = bones.build.hip_x + 4.5
    pen.shape(box(-half + 1.5, -bones.seat + 1, half - 1.5, 0.8, 3.0), 0xB98A63, 0)
    pen.fill(box(-half + 2.2, -bones.seat + 3, half - 2.2, -bones.seat + 7.5), 0x8F6548)
    pen.shape(box(-half, -bones.seat - 2.0, half, -bones.seat + 4.0, 3.0), 0xE9C08F, 0)


def draw_legs(pen: Pen, bones: Skeleton, figure: Figure, look: Look) -> None:
    """Draw both legs, the far one first, with trousers or shorts and shoes."""
    outfit, width = figure.outfit, bones.build.leg_width
    order = (1, 0) if bones.yaw > 0 else (0, 1)
    covered = outfit.bottom == "trousers"
    hips = polygon(
        [
            (-bones.build.hip_x, bones.hip_y - 4),
            (bones.build.hip_x, bones.hip_y - 4),
            (bones.build.hip_x * 0.98, bones.hip_y + 3),
            (-bones.build.hip_x * 0.98, bones.hip_y + 3),
        ]
    )
    pen.stroke(hips, OUTLINE, LINE * 2)
    for index in order:
        hip, knee, foot = bones.hips[index], bones.knees[index], bones.feet[index]
        ankle = along(knee, foot, 0.9)
        if covered:
            _draw_foot(pen, bones, figure, look, index)
        colour, dark = (look.bottom, look.bottom_dark) if covered else (look.skin, look.skin_dark)
        garment = parts.BOTTOM if covered else 0
        upper, lower = polygon([hip, knee], False), polygon([knee, ankle], False)
        pen.limb(
            ((upper, colour, parts.UPPER_LEG[index], garment), (lower, colour, parts.LOWER_LEG[index], garment)),
            polygon([hip, knee, ankle], False),
            width,
        )
        pen.stroke(polygon(_shift((hip, knee, ankle), width * 0.3), False), dark, width * 0.36)
        pen.place_bone(parts.UPPER_LEG[index], hip, knee, width)
        pen.place_bone(parts.LOWER_LEG[index], knee, foot, width)
        if covered:
            across = _cross(knee, ankle, width * 0.5, 0.97)
            pen.stroke(across, dark, 1.6)
        elif figure.identity.kind in words.PEOPLE:
            sock = polygon([along(knee, foot, 0.72), ankle], False)
            pen.limb(((sock, palette.SOLE, parts.LOWER_LEG[index], 0),), sock, width + 0.3)
        if not covered:
            _draw_foot(pen, bones, figure, look, index)
        if outfit.bottom == "shorts":
            end = along(hip, knee, 0.86)
            short = polygon([hip, end], False)
            pen.limb(((short, look.bottom, parts.UPPER_LEG[index], parts.BOTTOM),), short, width + 2.2)
            pen.stroke(polygon(_shift((hip, end), width * 0.34), False), look.bottom_dark, width * 0.4)
    cloth = outfit.bottom in ("trousers", "shorts")
    pen.fill(hips, look.bottom if cloth else look.skin)
    pen.mark(hips, parts.TORSO, parts.BOTTOM if cloth else 0, LINE * 2)


def _cross(start: Point, end: Point, half: float, amount: float):
    """Return a short line across a bone."""
    x, y = along(start, end, amount)
    dx, dy = end[0] - start[0], end[1] - start[1]
    length = max(1e-6, (dx * dx + dy * dy) ** 0.5)
    return polygon([(x - dy / length * half, y + dx / length * half), (x + dy / length * half, y - dx / length * half)], False)


def _draw_foot(pen: Pen, bones: Skeleton, figure: Figure, look: Look, index: int) -> None:
    knee, foot = bones.knees[index], bones.feet[index]
    lifted = bones.lift > 0 or foot[1] < -4
    turn = 0.0
    if lifted and abs(foot[0] - knee[0]) > 3:
        turn = -(foot[0] - knee[0]) * 2.2
    toe = bones.yaw * 2.2 + SIDES[index] * 0.7
    kind, half = figure.identity.kind, bones.build.leg_width * 0.62
    with pen.frame(foot[0], foot[1], turn):
        pen.place_box(parts.FOOT[index], toe - half - 1, -4.5, toe + half + 1, 1.5)
        shoe = curve(
            (toe - half - 0.8, 1.2),
            (toe - half - 1.6, -4.6, toe * 0.4 - half * 0.6, -5.6),
            (toe * 0.4 + half * 0.6, -5.6),
            (toe + half + 1.6, -4.6, toe + half + 0.8, 1.2),
        )
        if kind in ("cat", "dog"):
            pen.shape(shoe, look.skin, parts.FOOT[index])
            pen.stroke(polygon([(toe - 1.4, -1.2), (toe - 1.4, 1.0)], False), OUTLINE, 0.7)
            pen.stroke(polygon([(toe + 1.4, -1.2), (toe + 1.4, 1.0)], False), OUTLINE, 0.7)
        elif kind == "robot":
            pen.shape(shoe, look.joint, parts.FOOT[index])
        else:
            pen.shape(shoe, palette.SHOE, parts.FOOT[index], parts.SHOES)
            pen.fill(box(toe - half - 0.6, -0.7, toe + half + 0.6, 0.9, 0.6), palette.SOLE)


def draw_arm(pen: Pen, bones: Skeleton, figure: Figure, look: Look, index: int) -> None:
    """Draw one arm with its hand and sleeve."""
    shoulder, elbow, hand = bones.shoulders[index], bones.elbows[index], bones.hands[index]
    width, top = bones.build.arm_width, figure.outfit.top
    upper, lower = polygon([shoulder, elbow], False), polygon([elbow, hand], False)
    whole = polygon([shoulder, elbow, hand], False)
    _draw_hand(pen, bones, figure, look, index)
    pen.place_bone(parts.UPPER_ARM[index], shoulder, elbow, width)
    pen.place_bone(parts.LOWER_ARM[index], elbow, hand, width)
    if top in LONG_SLEEVES:
        sleeve, wide = look.top, width + 1.6
        wrist = along(elbow, hand, 0.86)
        lower = polygon([elbow, wrist], False)
        whole = polygon([shoulder, elbow, wrist], False)
        pen.limb(
            ((upper, sleeve, parts.UPPER_ARM[index], parts.TOP), (lower, sleeve, parts.LOWER_ARM[index], parts.TOP)), whole, wide
        )
        pen.stroke(polygon(_shift((shoulder, elbow, wrist), wide * 0.27), False), look.top_dark, wide * 0.36)
        _draw_sleeve_pattern(pen, figure, look, ((shoulder, elbow, 0.55), (elbow, wrist, 0.2), (elbow, wrist, 0.75)), wide)
        if top == "hoodie" or figure.identity.kind != "robot":
            pen.stroke(_cross(elbow, wrist, wide * 0.42, 1.0), look.top_dark, 2.0)
        return
    pen.limb(((upper, look.skin, parts.UPPER_ARM[index], 0), (lower, look.skin, parts.LOWER_ARM[index], 0)), whole, width)
    pen.stroke(polygon(_shift((shoulder, elbow, hand), width * 0.26), False), look.skin_dark, width * 0.34)
    if figure.identity.kind == "robot":
        pen.stroke(_cross(shoulder, elbow, width * 0.5, 0.96), look.joint, 1.8)
    end, wide = along(shoulder, elbow, 0.62), width + 2.4
    sleeve = polygon([shoulder, end], False)
    pen.limb(((sleeve, look.top, parts.UPPER_ARM[index], parts.TOP),), sleeve, wide)
    _draw_sleeve_pattern(pen, figure, look, ((shoulder, end, 0.75),), wide)


def _draw_sleeve_pattern(pen: Pen, figure: Figure, look: Look, bands, width: float) -> None:
    pattern = figure.outfit.pattern
    for start, end, amount in bands if pattern in ("striped", "dotted") else ():
        if pattern == "striped":
            pen.stroke(_cross(start, end, width * 0.36, amount), look.pattern, 2.6)
        else:
            x, y = along(start, end, amount)
            pen.fill(oval(x, y, 1.5, 1.5), look.pattern)


def _draw_hand(pen: Pen, bones: Skeleton, figure: Figure, look: Look, index: int) -> None:
    elbow, hand = bones.elbows[index], bones.hands[index]
    size = bones.build.arm_width * 0.66
    pen.place_box(parts.HAND[index], hand[0] - size, hand[1] - size, hand[0] + size, hand[1] + size)
    colour = look.joint if figure.identity.kind == "robot" else look.skin
    x, y = along(elbow, hand, 1.12)
    shapes = [oval(x, y, size, size)]
    if figure.identity.kind not in ("cat", "dog"):
        # A thumb towards the body: a hand, not a ball, and cheap to learn.
        inward = -SIDES[index] if abs(x) > 6 else SIDES[index]
        shapes.append(oval(x + inward * size * 0.75, y - size * 0.55, size * 0.42, size * 0.5))
    if figure.pose == "pointing" and abs(hand[0]) > 20:
        tip = along(elbow, hand, 1.62)
        finger = polygon([(x, y), tip], False)
        pen.limb(((finger, colour, parts.HAND[index], 0),), finger, size * 0.62)
    pen.joined(shapes, colour, parts.HAND[index], 0, LINE * 0.9)
    if figure.pose == "pointing" and abs(hand[0]) > 20:
        pen.stroke(polygon([(x, y), along(elbow, hand, 1.6)], False), colour, size * 0.62)


def draw_tail(pen: Pen, bones: Skeleton, figure: Figure, look: Look) -> None:
    """Draw the tail of a cat or dog, behind everything."""
    y, side = bones.hip_y - 1, -1 if bones.yaw > 0 else 1
    if figure.identity.kind == "cat":
        tail = curve((side * 5, y), (side * 26, y + 8, side * 25, y - 12, side * 19, y - 22), closed=False)
        width = 5.2
    else:
        tail = curve((side * 5, y), (side * 20, y + 3, side * 22, y - 14), closed=False)
        width = 6.2
    pen.limb(((tail, look.skin, parts.TAIL, 0),), tail, width)
    pen.place_box(parts.TAIL, min(0, side * 24), y - 24, max(0, side * 24), y + 6)
    if figure.identity.kind == "cat":
        pen.stroke(
            curve((side * 21.5, y - 15.5), (side * 20, y - 20, side * 19, y - 22), closed=False), darker(look.skin, 0.3), width
        )
