"""One coherent set of colours (0xRRGGBB): soft, warm, and far enough apart to be told by name at 128 px."""

import colorsys
from functools import lru_cache

CLOTH = {
    "red": 0xE0484C, "orange": 0xF58A3C, "yellow": 0xFBCF4B, "green": 0x4FA968, "blue": 0x4078D6,
    "purple": 0x8A5CC7, "pink": 0xF594B6, "white": 0xF8F5F0, "grey": 0x9BA1AC, "black": 0x3B3848, "brown": 0x8C5E3F,
}  # fmt: skip
SKIN = {
    "fair": 0xFFE3D3, "light": 0xF8CDAE, "tan": 0xE6AC7F, "olive": 0xC99763, "brown": 0x9C6644, "dark": 0x6A4332,
}  # fmt: skip
FUR = {"white": 0xF6F1EC, "grey": 0x9FA5B1, "black": 0x4A4553, "brown": 0x94643F, "orange": 0xF0944A, "cream": 0xEFD3A4}
SHELL = {"silver": 0xB9C3CF, "white": 0xF4F4F2, "yellow": 0xF6C64F, "blue": 0x5E97E0, "green": 0x6DBB84, "red": 0xDF5F58}
NEUTRAL_TINTS = {
    "white": (0xE8C8A8, 0xB4C8EE),
    "black": (0x6A463C, 0x3A4A78),
    "grey": (0xA89584, 0x869BC8),
    "silver": (0xC9B39A, 0x97B2DC),
}
HAIR = {
    "black": 0x38323F, "brown": 0x80502F, "blonde": 0xF7CE62, "red": 0xCF5127, "blue": 0x4A83DB, "pink": 0xF283B0,
    "white": 0xEFEDF2, "green": 0x52AE76,
}  # fmt: skip
EYE = {"blue": 0x3F8FE6, "green": 0x3DAA58, "brown": 0x8A4F2A, "purple": 0x8B52CF, "golden": 0xE3A020}
PLAIN = {
    "white": 0xF6F3EE, "grey": 0xC4C8CE, "blue": 0xA9CFF2, "green": 0xB9DFB0, "pink": 0xF8C9D6, "yellow": 0xFBE7A6,
    "purple": 0xD2C2EE,
}  # fmt: skip
SHOE = 0x4B4258
SOLE = 0xF3EEE6


def mix(first: int, second: int, amount: float) -> int:
    """Return `first` moved towards `second` by `amount` (0 to 1)."""
    result = 0
    for shift in (16, 8, 0):
        start, end = first >> shift & 255, second >> shift & 255
        result |= int(start + (end - start) * amount + 0.5) << shift
    return result


@lru_cache(maxsize=8192)
def vary(colour: int, hue: float, light: float) -> int:
    """Return `colour` turned by `hue` (1 is a full circle) and lightened by `light` (-1 to 1)."""
    red, green, blue = (colour >> shift & 255 for shift in (16, 8, 0))
    h, lightness, saturation = colorsys.rgb_to_hls(red / 255, green / 255, blue / 255)
    channels = colorsys.hls_to_rgb((h + hue) % 1.0, min(0.97, max(0.05, lightness + light)), saturation)
    return sum(int(channel * 255 + 0.5) << shift for channel, shift in zip(channels, (16, 8, 0), strict=True))


def surface_colour(kind: str, name: str, tone: float) -> int:
    """Return skin, fur or shell with its unnamed tone."""
    base = (SHELL if kind == "robot" else FUR if kind in ("cat", "dog") else SKIN)[name]
    if name in NEUTRAL_TINTS:
        # Without a hue to turn, tone is warm or cool.
        warm, cool = NEUTRAL_TINTS[name]
        return mix(base, warm if tone < 0 else cool, 0.45 * abs(tone))
    return vary(base, 0.018 * tone, 0.045 * tone - 0.012 if name == "fair" else 0.07 * tone)


def hair_colour(name: str, hue: float) -> int:
    """Return the hair's colour with its unnamed hue."""
    return vary(HAIR[name], 0.03 * hue, 0.085 * hue + (0.05 if name == "black" else -0.04 if name == "white" else 0))


def eye_colour(name: str, hue: float) -> int:
    """Return the iris with its unnamed hue."""
    return vary(EYE[name], 0.04 * hue, 0.12 * hue)
