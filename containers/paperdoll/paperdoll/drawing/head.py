"""The head of every kind, with its hat and glasses, in the head's frame (40 units high around (0, 0))."""

from paperdoll import vocabulary as words
from paperdoll.drawing import palette, parts
from paperdoll.drawing.creatures import draw_animal_head, draw_robot_head
from paperdoll.drawing.face import draw_brows, draw_face, eye_points
from paperdoll.drawing.hair import draw_back_hair, draw_front_hair
from paperdoll.drawing.look import Look
from paperdoll.drawing.pen import LINE, OUTLINE, Pen, box, curve, darker, lighter, oval, polygon, skia
from paperdoll.drawing.skeleton import Skeleton
from paperdoll.identity import Figure


def head_half(figure: Figure, bones: Skeleton) -> float:
    """Return the head's half-width in its own frame."""
    return 20.0 * bones.build.head_rx / bones.build.head_ry * (1 + 0.13 * figure.identity.head_width)


def draw_behind_body(pen: Pen, figure: Figure, bones: Skeleton, look: Look) -> None:
    """Draw the hair that hangs behind the shoulders."""
    if figure.identity.hair_style == "long":
        with pen.frame(*bones.head, bones.head_turn, bones.build.head_ry / 20):
            draw_back_hair(pen, figure.identity, look, head_half(figure, bones), bones.yaw, figure.outfit.hat_colour != "none")


def draw_head(pen: Pen, figure: Figure, bones: Skeleton, look: Look) -> None:
    """Draw head, hair, face, glasses and hat."""
    identity, yaw = figure.identity, bones.yaw
    half, hat = head_half(figure, bones), figure.outfit.hat_colour
    with pen.frame(*bones.head, bones.head_turn, bones.build.head_ry / 20):
        pen.place_box(parts.HEAD, -half, -20, half, 20)
        pen.place_box(parts.HAIR, -half - 10, -30, half + 10, 40)
        pen.place_box(parts.EARS, -half - 8, -34, half + 8, 20)
        if identity.kind == "robot":
            draw_robot_head(pen, figure, look, half, yaw)
        elif identity.kind in ("cat", "dog"):
            draw_animal_head(pen, figure, look, half, yaw)
        else:
            _draw_person(pen, figure, look, half, yaw)
        _place_points(pen, figure, yaw)
        if figure.outfit.glasses:
            _draw_glasses(pen, figure, half, yaw)
        if hat != "none":
            _draw_hat(pen, figure, palette.CLOTH[hat], half, yaw)


def _place_points(pen: Pen, figure: Figure, yaw: int) -> None:
    pen.place_point("head top", 0, -18.5)
    pen.place_point("chin", yaw * 2.0, 18.0)
    for side, (x, y, _) in zip(("left", "right"), eye_points(figure, yaw), strict=True):
        pen.place_point(f"{side} eye", x, y)
    pen.place_point("nose", yaw * 6.0, 8.0)
    pen.place_point("mouth", yaw * 5.0, 13.2)


def _draw_person(pen: Pen, figure: Figure, look: Look, half: float, yaw: int) -> None:
    identity, hatted = figure.identity, figure.outfit.hat_colour != "none"
    if identity.hair_style != "long":
        draw_back_hair(pen, identity, look, half, yaw, hatted)
    for side in (-1, 1):
        ear = oval(side * (half - 0.2) - yaw * 2.5, 4.0, 3.4, 4.2)
        pen.shape(ear, look.skin, parts.EARS)
        pen.fill(oval(side * (half + 0.4) - yaw * 2.5, 4.2, 1.5, 2.2), look.skin_dark)
    jaw = 0.85 * identity.jaw + (0.4 if identity.kind == "man" else -0.35 if identity.kind == "woman" else 0.0)
    skull = curve(
        (0, -20),
        (half * 0.62, -20, half, -12, half, 0),
        (half * (1.0 + 0.04 * jaw), 8.5 + 4.2 * jaw, half * (0.62 + 0.32 * jaw), 20, yaw * 1.2, 20),
        (-half * (0.62 + 0.32 * jaw), 20, -half * (1.0 + 0.04 * jaw), 8.5 + 4.2 * jaw, -half, 0),
        (-half, -12, -half * 0.62, -20, 0, -20),
    )
    pen.shape(skull, look.skin, parts.HEAD)
    with pen.inside(skull):
        # Shadow of the fringe and of the far cheek.
        pen.fill(curve((-half, -12), (0, -3.5, half, -12), (half, -22), (-half, -22)), look.skin_dark, 140)
        pen.fill(curve((half * 0.86, -8), (half * 0.98, 10, half * 0.2, 21), (half + 2, 21), (half + 2, -8)), look.skin_dark, 110)
        if identity.marking == "beard":
            pen.fill(
                curve(
                    (-half - 1, 3),
                    (-half * 0.8, 8.0, -half * 0.52, 8.6),
                    (yaw * 5, 7.4, half * 0.52, 8.6),
                    (half * 0.8, 8.0, half + 1, 3),
                    (half + 1, 22),
                    (-half - 1, 22),
                ),
                look.hair_dark,
            )
            pen.fill(oval(yaw * 5, 13.2, 7.0, 3.9), look.skin)
    pen.stroke(skull, OUTLINE, LINE)
    draw_face(pen, figure, look, yaw)
    if identity.marking == "moustache":
        x = yaw * 5.4
        pen.fill(
            curve(
                (x, 9.6),
                (x - 3, 8.2, x - 7.4, 9.2),
                (x - 4.6, 13.4, x, 11.6),
                (x + 4.6, 13.4, x + 7.4, 9.2),
                (x + 3, 8.2, x, 9.6),
            ),
            look.hair_dark,
        )
    draw_front_hair(pen, identity, look, half, yaw)
    draw_brows(pen, figure, look, yaw)
    if identity.marking in ("hoops", "studs"):
        for side in (-1, 1):
            x = side * (half + 0.6) - yaw * 2.5
            if identity.marking == "hoops":
                pen.stroke(oval(x, 11.6, 2.6, 3.4), 0xE9B23A, 1.6)
            else:
                pen.fill(oval(x, 9.4, 1.9, 1.9), 0x56C3D6)
    if not hatted and identity.marking in ("bow", "hairclip"):
        side = 1 if identity.hair_part <= 0 else -1
        with pen.frame(side * half * 0.58, -17.5, side * 24):
            if identity.marking == "bow":
                for way in (-1, 1):
                    pen.shape(polygon([(0, 0), (way * 6.4, -4.0), (way * 6.4, 4.0)]), 0xF2647F, parts.HAIR, 0, 1.0)
                pen.shape(oval(0, 0, 1.9, 1.9), 0xF2647F, parts.HAIR, 0, 1.0)
            else:
                pen.shape(box(-5.2, 3.4, 5.2, 7.0, 1.7), 0x49C2C9, parts.HAIR, 0, 0.9)


def _draw_glasses(pen: Pen, figure: Figure, half: float, yaw: int) -> None:
    eyes = eye_points(figure, yaw)
    lift = 0.6
    frames = [oval(x, y + lift, 6.6 * scale, 6.5) for x, y, scale in eyes]
    (left, y, near), (right, _, far) = eyes
    for frame in frames:
        pen.fill(frame, 0xFFFFFF, 46)
        pen.stroke(frame, 0x2B2433, 1.8)
        pen.mark(frame, parts.GLASSES, parts.GLASSES_GARMENT)
    for start, end in ((left + 6.6 * near, right - 6.6 * far), (-half + 0.5, left - 6.6 * near), (right + 6.6 * far, half - 0.5)):
        if end > start:
            pen.stroke(polygon([(start, y - 0.6), (end, y - 0.6)], False), 0x2B2433, 1.6)


def _draw_hat(pen: Pen, figure: Figure, colour: int, half: float, yaw: int) -> None:
    """Draw a cap of wool with a folded brim and a bobble."""
    identity = figure.identity
    people = identity.kind in words.PEOPLE
    wide = half + (2.6 + 1.2 * identity.hair_volume if people else 1.2)
    brim = -11.8 if people else -12.5
    top = -28.0 if people else -26.0
    pom = oval(yaw * -2.0, top - 3.4, 4.6, 4.4)
    pen.shape(pom, lighter(colour, 0.45), parts.HAT, parts.HAT_GARMENT)
    crown = curve(
        (-wide * 0.97, brim),
        (-wide * 1.0, top + 2, -wide * 0.5, top, 0, top),
        (wide * 0.5, top, wide * 1.0, top + 2, wide * 0.97, brim),
    )
    pen.shape(crown, colour, parts.HAT, parts.HAT_GARMENT)
    with pen.inside(crown):
        pen.fill(
            curve((wide * 0.5, top - 2), (wide * 0.42, -16, wide * 0.66, brim), (wide + 3, brim), (wide + 3, top - 2)),
            darker(colour),
        )
        pen.stroke(
            curve((-wide * 0.66, brim - 4), (-wide * 0.6, top + 7, -wide * 0.25, top + 4), closed=False),
            lighter(colour, 0.4),
            2.2,
        )
    pen.stroke(crown, OUTLINE)
    band: skia.Path = curve(
        (-wide - 0.6, brim - 3),
        (0, brim - 1.0, wide + 0.6, brim - 3),
        (wide + 0.2, brim + 3.6),
        (0, brim + 5.4, -wide - 0.2, brim + 3.6),
    )
    pen.shape(band, lighter(colour, 0.2), parts.HAT, parts.HAT_GARMENT)
