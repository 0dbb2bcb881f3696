"""Who is in a picture and how it is set: frozen values, sampled, hashed into splits, and told apart by unnamed traits."""

import hashlib
from dataclasses import dataclass, fields, replace

from numpy.random import Generator

from paperdoll import vocabulary as words

SPLITS = ("train", "validation", "test")

# Unnamed traits: no caption ever says them. Numbers run from -1 to 1.
NUMBER_TRAITS = (
    "head_width", "jaw", "eye_spacing", "eye_size", "brow_tilt", "brow_weight", "mouth_width", "hair_volume",
    "hair_part", "hair_hue", "surface_tone", "eye_hue", "leg_length", "build",
)  # fmt: skip
CHEEK_MARKS = ("none", "freckles", "mole", "scar", "heart", "plaster")
MARKINGS = {
    "girl": ("none", "hairclip", "bow"),
    "boy": ("none", "cowlick", "tooth gap"),
    "woman": ("none", "hoops", "studs"),
    "man": ("none", "moustache", "beard"),
    "robot": ("none", "visor", "dial"),
    "cat": ("none", "stripes", "patch", "mask"),
    "dog": ("none", "blaze", "patch", "mask"),
}
PRODUCT_TRAITS = ("height", "girth", "logo_turn", "logo_size", "hue", "accent")


@dataclass(frozen=True)
class Identity:
    """A person, robot or animal: what captions may name, then what they never name."""

    kind: str
    surface: str
    hair_style: str
    hair_colour: str
    eye_colour: str
    head_width: float = 0.0
    jaw: float = 0.0
    eye_spacing: float = 0.0
    eye_size: float = 0.0
    brow_tilt: float = 0.0
    brow_weight: float = 0.0
    mouth_width: float = 0.0
    hair_volume: float = 0.0  # size of ears or antenna where there is no hair
    hair_part: float = 0.0  # side of the parting; lean of ears or antenna where there is no hair
    hair_hue: float = 0.0  # hue of the muzzle and inner ears, or of the robot's trim, where there is no hair
    surface_tone: float = 0.0
    eye_hue: float = 0.0
    leg_length: float = 0.0
    build: float = 0.0
    cheek_mark: str = "none"
    marking: str = "none"


@dataclass(frozen=True)
class Product:
    """A thing with a logo; its proportions, logo turn and hue within the colour are unnamed."""

    kind: str
    colour: str
    logo: str
    height: float = 0.0
    girth: float = 0.0
    logo_turn: float = 0.0
    logo_size: float = 0.0
    hue: float = 0.0
    accent: float = 0.0  # which light colour the logo and trim have


@dataclass(frozen=True)
class Outfit:
    """What a figure wears; `bottom` is "none" under a dress."""

    top: str
    top_colour: str
    pattern: str
    bottom: str
    bottom_colour: str
    hat_colour: str = "none"
    glasses: bool = False


@dataclass(frozen=True)
class Figure:
    """One identity, dressed, posed and set at `x` (0 left, 1 right of the picture)."""

    identity: Identity
    outfit: Outfit
    pose: str = "standing"
    expression: str = "smiling"
    facing: str = "front"
    x: float = 0.5
    held: Product | None = None  # a backpack is worn, everything else is in the hands
    nudge: float = 0.0  # small change of limb angles, -1 to 1


@dataclass(frozen=True)
class Scene:
    """Where, how near, and what stands alone; `variation` moves the scenery, `zoom` the camera a little (-1 to 1)."""

    place: str
    framing: str = "full body"
    product: Product | None = None  # alone in the picture, on a table or the ground
    variation: int = 0
    zoom: float = 0.0


def identity_key(subject: Identity | Product) -> str:
    """Return the text that a split and a subject's name are hashed from: every trait, named or not."""
    return "|".join(f"{item.name}={getattr(subject, item.name)}" for item in fields(subject))


def split_of(subject: Identity | Product) -> str:
    """Return "train", "validation" or "test" (80, 10, 10 %): the same for ever, whatever else is sampled."""
    bucket = int.from_bytes(hashlib.sha256(identity_key(subject).encode()).digest()[:8], "big") % 10
    return "validation" if bucket == 8 else "test" if bucket == 9 else "train"


def _sample_number(rng: Generator) -> float:
    return round(float(rng.uniform(-1, 1)), 2)


def _pick(rng: Generator, values: tuple[str, ...]) -> str:
    return values[int(rng.integers(len(values)))]


def list_markings(kind: str, hair_style: str) -> tuple[str, ...]:
    """Return the markings that can be seen: a cowlick needs short hair."""
    return tuple(marking for marking in MARKINGS[kind] if marking != "cowlick" or hair_style == "short")


def _sample_any_identity(rng: Generator, kind: str | None) -> Identity:
    kind = kind or _pick(rng, words.KINDS)
    hairy = kind in words.PEOPLE
    # Long styles belong to everybody, but a boy with a bun would make "boy" hard to learn at 128 px.
    styles = words.HAIR_STYLES if kind in ("girl", "woman") else ("short", "spiky", "curly", "bob")
    if kind in ("girl", "woman"):
        styles = tuple(style for style in styles if style not in ("spiky",))
    marked = rng.random() < 0.6
    surface = _pick(rng, words.SURFACES[kind])
    style = _pick(rng, styles) if hairy else "none"
    return Identity(
        kind=kind,
        surface=surface,
        hair_style=style,
        hair_colour=_pick(rng, words.HAIR_COLOURS) if hairy else "none",
        eye_colour=_pick(rng, words.EYE_COLOURS),
        cheek_mark=_pick(rng, CHEEK_MARKS[1:]) if marked else "none",
        marking=_pick(rng, list_markings(kind, style)),
        **{name: _sample_number(rng) for name in NUMBER_TRAITS},
    )


def sample_identity(rng: Generator, split: str, kind: str | None = None) -> Identity:
    """Return a random identity of `split`, of `kind` if one is asked for."""
    if split not in SPLITS:
        raise ValueError(f"split is {split!r}, not one of {SPLITS}")
    while split_of(identity := _sample_any_identity(rng, kind)) != split:
        pass
    return identity


def sample_product(rng: Generator, split: str, kind: str | None = None) -> Product:
    """Return a random product of `split`."""
    while True:
        product = Product(
            kind=kind or _pick(rng, words.PRODUCTS),
            colour=_pick(rng, words.COLOURS),
            logo=_pick(rng, words.LOGOS),
            **{name: _sample_number(rng) for name in PRODUCT_TRAITS},
        )
        if split_of(product) == split:
            return product


def _far_from(value: float) -> float:
    """Return the number a clearly visible step (1.2) away, towards the roomier side."""
    return round(value - 1.2 if value > 0 else value + 1.2, 2)


def near_twin(identity: Identity, rng: Generator) -> tuple[Identity, str]:
    """Return a twin that differs in exactly one unnamed trait, by a clear step, and that trait's name."""
    traits = NUMBER_TRAITS + ("cheek_mark", "marking")
    name = traits[int(rng.integers(len(traits)))]
    value = getattr(identity, name)
    if name == "cheek_mark" or name == "marking":
        options = CHEEK_MARKS if name == "cheek_mark" else list_markings(identity.kind, identity.hair_style)
        return replace(identity, **{name: _pick(rng, tuple(option for option in options if option != value))}), name
    return replace(identity, **{name: _far_from(value)}), name
