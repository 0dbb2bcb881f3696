"""One figure from back to front, in figure units with its ground point at (0, 0)."""

from paperdoll.drawing import body, garments, head, parts
from paperdoll.drawing.look import look_of
from paperdoll.drawing.pen import OUTLINE, Pen, curve, darker, oval
from paperdoll.drawing.products import draw_product, product_colour
from paperdoll.drawing.skeleton import SIDES, Skeleton, pose_figure
from paperdoll.identity import Figure, Product


def draw_figure(pen: Pen, figure: Figure) -> None:
    """Draw shadow, body, garments, head and what is held."""
    bones, look = pose_figure(figure), look_of(figure)
    shadow = 0.8 if bones.lift > 5 else 1.0
    pen.fill(oval(0, 0.6, 21 * shadow, 4.2 * shadow), 0x2A1E48, 64)
    with pen.frame(0, -bones.lift, bones.lean):
        _place_joints(pen, bones)
        if figure.identity.kind in ("cat", "dog"):
            body.draw_tail(pen, bones, figure, look)
        head.draw_behind_body(pen, figure, bones, look)
        worn = figure.held if figure.held and figure.held.kind == "backpack" else None
        if worn:
            with pen.frame(-bones.yaw * 6.0, bones.hip_y + 1, 0, 0.86):
                draw_product(pen, worn)
        if bones.seat:
            body.draw_stool(pen, bones)
        far = 1 if bones.yaw > 0 else 0 if bones.yaw < 0 else None
        body.draw_legs(pen, bones, figure, look)
        if far is not None and not bones.arms_before_head[far]:
            body.draw_arm(pen, bones, figure, look, far)
        garments.draw_neck(pen, bones, look)
        garments.draw_torso(pen, bones, figure, look)
        if worn:
            _draw_straps(pen, bones, worn)
        holding = figure.held is not None and worn is None
        if holding:
            scale = 0.66 if figure.held.kind != "sneaker" else 0.56
            with pen.frame(bones.yaw * 1.5, max(hand[1] for hand in bones.hands) + 6.5, 0, scale):
                draw_product(pen, figure.held)
        for index in (0, 1):
            if index != far and not bones.arms_before_head[index]:
                body.draw_arm(pen, bones, figure, look, index)
        head.draw_head(pen, figure, bones, look)
        for index in (0, 1):
            if bones.arms_before_head[index]:
                body.draw_arm(pen, bones, figure, look, index)


def _draw_straps(pen: Pen, bones: Skeleton, product: Product) -> None:
    colour = darker(product_colour(product), 0.1)
    for side in SIDES:
        x = side * bones.build.shoulder_x * 0.66 + bones.yaw * 1.5
        strap = curve(
            (x, bones.shoulder_y), (x + side * 1.6, bones.shoulder_y + 8, x + side * 1.2, bones.hip_y - 3), closed=False
        )
        pen.stroke(strap, OUTLINE, 5.0)
        pen.stroke(strap, colour, 3.0)
        pen.mark(strap, parts.HELD, parts.PRODUCT, 5.0, filled=False)


def _place_joints(pen: Pen, bones: Skeleton) -> None:
    pen.place_point("neck", 0, bones.shoulder_y + 1.5)
    for index, side in enumerate(("left", "right")):
        for name, points in (("shoulder", bones.shoulders), ("elbow", bones.elbows), ("hand", bones.hands), ("hip", bones.hips),
                             ("knee", bones.knees), ("foot", bones.feet)):  # fmt: skip
            pen.place_point(f"{side} {name}", *points[index])
