"""Proportions and poses: where the joints of a figure are, in figure units (a child is 100 high, the ground is y = 0)."""

import math
from dataclasses import dataclass

from paperdoll import vocabulary as words
from paperdoll.identity import Figure, Identity

Point = tuple[float, float]
SIDES = (-1, 1)  # sides of the picture, not of the body


@dataclass(frozen=True)
class Build:
    """Lengths and half-widths of one body."""

    head_rx: float
    head_ry: float
    shoulder_x: float
    waist_x: float
    hip_x: float
    torso: float
    upper_arm: float
    lower_arm: float
    arm_width: float
    thigh: float
    shin: float
    leg_width: float
    leg_x: float


@dataclass(frozen=True)
class Skeleton:
    """A posed body; tuples hold the picture's left side first."""

    build: Build
    yaw: int  # -1 looks left, 1 looks right
    hip_y: float
    shoulder_y: float
    head: Point
    head_turn: float
    lean: float  # degrees, around the ground
    lift: float  # height above the ground
    seat: float  # height of the stool, 0 without one
    shoulders: tuple[Point, Point]
    elbows: tuple[Point, Point]
    hands: tuple[Point, Point]
    hips: tuple[Point, Point]
    knees: tuple[Point, Point]
    feet: tuple[Point, Point]
    arms_before_head: tuple[bool, bool]


def build_of(identity: Identity) -> Build:
    """Return the proportions of an identity: kind first, then its unnamed leg length and build."""
    legs, girth = 4.5 * identity.leg_length, 1 + 0.2 * identity.build
    if identity.kind == "man":
        return Build(17.0, 17.5, 13.5 * girth, 10.8 * girth, 9.6 * girth, 33.0, 14.0, 13.5, 6.6 * girth ** 0.6,
                     18.0 + legs / 2, 18.0 + legs / 2, 8.0 * girth ** 0.7, 5.2 * girth)  # fmt: skip
    if identity.kind == "woman":
        return Build(16.6, 17.2, 9.8 * girth, 7.6 * girth, 9.6 * girth, 31.0, 13.0, 12.5, 5.2 * girth ** 0.6,
                     18.0 + legs / 2, 18.0 + legs / 2, 6.8 * girth ** 0.7, 4.8 * girth)  # fmt: skip
    return Build(20.5, 20.0, 9.6 * girth, 9.0 * girth, 9.4 * girth, 27.0, 10.8, 10.6, 5.8 * girth ** 0.6,
                 14.5 + legs / 2, 14.5 + legs / 2, 7.2 * girth ** 0.7, 4.8 * girth)  # fmt: skip


# Arms as (upper, lower) degrees outwards from hanging down, picture's left side first.
_ARMS = {
    "standing": ((16, 6), (16, 6)),
    "waving": ((16, 6), (86, 140)),
    "arms raised": ((102, 144), (102, 144)),
    "sitting": ((18, -28), (18, -28)),
    "jumping": ((92, 126), (92, 126)),
    "hands on hips": ((60, -46), (60, -46)),
    "pointing": ((16, 6), (84, 88)),
    "thinking": ((22, -78), (24, 212)),
    words.HOLDING: ((30, -42), (30, -42)),
}
# Swinging poses: degrees towards the way the figure goes, the back arm first.
_SWINGS = {"walking": ((-34, -14), (24, 58)), "running": ((-62, 8), (32, 122))}
_LEGS = {"jumping": ((34, -30), (34, -30)), "walking": ((-20, -38), (25, 8)), "running": ((-22, -84), (46, -6))}


def _reach(start: Point, length: float, degrees: float) -> Point:
    """Return the end of a bone that leaves `start` at `degrees` to the right of straight down."""
    angle = math.radians(degrees)
    return (start[0] + length * math.sin(angle), start[1] + length * math.cos(angle))


def pose_figure(figure: Figure) -> Skeleton:
    """Return the joints of a figure, feet or stool on y = 0 (jumps: above)."""
    build, pose = build_of(figure.identity), figure.pose
    yaw = words.FACINGS.index(figure.facing)
    yaw = -1 if yaw == 1 else 1 if yaw == 2 else 0
    way = yaw or (1 if figure.nudge >= 0 else -1)  # walking towards the viewer still swings to one side
    mirror = {
        "waving": yaw > 0 or (yaw == 0 and figure.nudge < 0),  # never before the face
        "pointing": way < 0,
        "thinking": figure.nudge < 0,
    }.get(pose, False)
    sway = 4 * figure.nudge
    turned = 0.9 if yaw else 1.0
    seat = 0.62 * (build.thigh + build.shin) if pose == "sitting" else 0.0
    hip_y = -(seat + 2.0) if seat else -(build.thigh + build.shin + 1.5)
    if pose == "running":
        hip_y += 2.5
    lift = 9.0 if pose == "jumping" else 3.0 if pose == "running" else 0.0
    shoulder_y = hip_y - build.torso + 3.0
    shoulders = tuple((side * (build.shoulder_x - 1.2) * turned, shoulder_y + 2.4) for side in SIDES)
    hips = tuple((side * build.leg_x * turned, hip_y) for side in SIDES)

    elbows, hands, knees, feet = [], [], [], []
    for index, side in enumerate(SIDES):
        if pose in _SWINGS:
            upper, lower = _SWINGS[pose][index if way > 0 else 1 - index]
            upper, lower = way * upper, way * lower
        else:
            upper, lower = _ARMS[pose][1 - index if mirror else index]
            upper, lower = side * (upper + sway), side * (lower + sway)
        elbows.append(_reach(shoulders[index], build.upper_arm, upper))
        hands.append(_reach(elbows[index], build.lower_arm, lower))
        if seat:
            # Thighs point at the viewer: short, and outwards.
            knees.append((hips[index][0] + side * 3.6 + yaw * 3, hip_y + 2.2))
            feet.append((knees[index][0] + side * 0.6 + yaw * 1.5, -1.5))
            continue
        if pose in _SWINGS:
            thigh, shin = _LEGS[pose][index if way > 0 else 1 - index]
            thigh, shin = way * thigh, way * shin
        else:
            thigh, shin = _LEGS.get(pose, ((3, 1), (3, 1)))[index]
            thigh, shin = side * thigh, side * shin
        knees.append(_reach(hips[index], build.thigh, thigh))
        feet.append(_reach(knees[index], build.shin, shin))

    head_turn = {"waving": -5, "thinking": 6, "pointing": 4}.get(pose, 0) * (-1 if mirror else 1) + 2.5 * figure.nudge
    head = (yaw * 1.8, shoulder_y - build.head_ry + 1.5)
    lifted = (index for index in (0, 1) if hands[index][1] < shoulder_y - 4 or (pose == "thinking" and (index == 0) == mirror))
    before = set(lifted)
    over = (0 in before, 1 in before)
    return Skeleton(
        build, yaw, hip_y, shoulder_y, head, head_turn, {"running": 7, "walking": 2.5}.get(pose, 0) * way, lift, seat,
        shoulders, tuple(elbows), tuple(hands), hips, tuple(knees), tuple(feet), over,
    )  # fmt: skip


def reach_of(bones: Skeleton, figure: Figure) -> float:
    """Return how high a figure reaches with ears, antenna or hat, in units."""
    tall = figure.identity.kind in ("cat", "robot") or figure.identity.hair_style in ("spiky", "bun")
    top = 15.0 if tall else 13.0 if figure.outfit.hat_colour != "none" else 7.0
    return bones.lift - bones.head[1] + bones.build.head_ry * (1 + top / 20)
