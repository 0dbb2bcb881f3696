"""The colours of one figure, worked out once from its identity and outfit."""

from dataclasses import dataclass

from paperdoll.drawing import palette
from paperdoll.drawing.pen import darker, lighter
from paperdoll.identity import Figure


@dataclass(frozen=True)
class Look:
    """What every part of a figure is painted with."""

    skin: int
    skin_dark: int
    blush: int
    hair: int
    hair_dark: int
    hair_light: int
    iris: int
    iris_dark: int
    ink: int  # brows without hair, freckles, scars: darker than the skin, lighter than black fur
    trim: int  # muzzle and inner ears of animals, face plate of robots
    top: int
    top_dark: int
    pattern: int
    bottom: int
    bottom_dark: int
    joint: int  # hands and feet of robots


def look_of(figure: Figure) -> Look:
    """Return the colours of a figure."""
    identity, outfit = figure.identity, figure.outfit
    kind = identity.kind
    skin = palette.surface_colour(kind, identity.surface, identity.surface_tone)
    hair = palette.hair_colour(identity.hair_colour, identity.hair_hue) if identity.hair_colour != "none" else skin
    iris = palette.eye_colour(identity.eye_colour, identity.eye_hue)
    top = palette.CLOTH[outfit.top_colour]
    bottom = palette.CLOTH[outfit.bottom_colour] if outfit.bottom != "none" else palette.CLOTH["white"]
    if kind == "robot":
        trim = palette.mix(0xE4EBEF, 0xFFD9B0 if identity.hair_hue > 0 else 0x9CCBEA, abs(identity.hair_hue) * 0.75)
    else:
        trim = palette.mix(lighter(skin, 0.62), 0xF7B98C if identity.hair_hue < 0 else 0xFFFFFF, abs(identity.hair_hue) * 0.7)
    light = outfit.top_colour in ("white", "yellow", "pink")
    return Look(
        skin, darker(skin, 0.16), palette.mix(skin, 0xF2566E, 0.42), hair, darker(hair, 0.26),
        lighter(hair, 0.34 if identity.hair_colour != "black" else 0.24), iris, darker(iris, 0.5),
        lighter(skin, 0.34) if identity.surface == "black" else darker(skin, 0.5), trim,
        top, darker(top), _pattern_colour(outfit.top_colour, outfit.pattern, light), bottom, darker(bottom),
        0x6C7286,
    )  # fmt: skip


def _pattern_colour(name: str, pattern: str, light: bool) -> int:
    """Return the second colour of a top: always the same for a colour, so that it is learnable."""
    if pattern == "star":
        return 0xF4604C if name in ("yellow", "orange", "white") else 0xFFD84F
    if pattern == "heart":
        return 0xFFFFFF if name in ("red", "pink", "orange", "purple") else 0xE8476A
    return 0x5A6BB5 if name == "white" else 0xE86F94 if name == "pink" else 0xF08A3A if name == "yellow" else 0xFFF8EE
