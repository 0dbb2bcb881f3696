"""Truth: what sight would read off a drawn picture if it were perfect, and which attributes that picture shows at all."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from paperdoll import vocabulary as words
from paperdoll.captions import attributes
from paperdoll.drawing import Picture, draw
from paperdoll.identity import Figure, Scene, sample_product
from paperdoll.sampling import hold
from paperdoll.sight.names import ATTRIBUTES, CHOICE_TRAITS, KEYPOINTS, NUMBERS
from PIL import Image

from troupe_bench.sight import Seen

SIZE, MAP = 128, 64
SHOWN_PIXELS = 12  # an attribute is not in the picture where another of its values would move fewer pixels than this
_MOVED = 20  # of 255, in any colour


def see_truth(figures: tuple[Figure, ...], scene: Scene, picture: Picture) -> list[Seen]:
    """Return the figures of a picture drawn with its truth, from left to right."""
    size, seen = picture.image.shape[0], []
    for figure, truth in sorted(zip(figures, picture.truth, strict=True), key=lambda pair: pair[0].x):
        if truth.box is None:
            continue
        points = [truth.keypoints[name] for name in KEYPOINTS]
        mask = np.asarray(Image.fromarray(truth.mask).resize((MAP, MAP), Image.Resampling.BOX))
        said = attributes((figure,), scene)
        seen.append(
            Seen(
                np.array(truth.box, np.float32) / size,
                np.array(_extent(truth.head_mask) or truth.box, np.float32) / size,
                mask > 0,
                np.array([(x / size, y / size, float(shown)) for x, y, shown in points], np.float32),
                {name: said[name] for name in ATTRIBUTES},
                dict.fromkeys(ATTRIBUTES, 1.0),
                {name: getattr(figure.identity, name) for name in NUMBERS},
                {name: getattr(figure.identity, name) for name in CHOICE_TRAITS},
            )
        )
    return seen


def list_shown(figure: Figure, scene: Scene, image_HWC: np.ndarray) -> list[str]:
    """Return the attributes that a lone figure's picture shows: those of which every other value would move enough pixels.

    A portrait that cuts off the chest does not show a plain top: with stripes it would differ, with a star it would not."""
    said = attributes((figure,), scene)

    def moves(other: Figure) -> bool:
        redrawn = draw((other,), scene, image_HWC.shape[0]).image
        return int((np.abs(redrawn.astype(np.int16) - image_HWC).max(2) > _MOVED).sum()) >= SHOWN_PIXELS

    others = {name: change(figure, said[name]) for name, change in CHANGES.items()}
    return [name for name, figures in others.items() if figures and all(moves(other) for other in figures)]


# (figure, its value of an attribute) -> the figure with each other value; nothing where the attribute does not apply.
Change = Callable[[Figure, str], list[Figure]]


def _others(value: str, values: tuple[str, ...]) -> list[str]:
    return [item for item in values if item not in (value, "none")]


def _another(value: str, values: tuple[str, ...]) -> list[str]:
    """Return one other value: of colours, how much they cover is all that counts. "No hat" is seen, and has others."""
    at = values.index(value) + 1 if value in values else 0
    return [values[at % len(values)]]


def _change(
    part: str, field: str, pick: Callable[[str, tuple[str, ...]], list[str]], values: tuple[str, ...], absent: bool = False
) -> Change:
    """Change a field of a figure's part; where it has none ("no hair colour" is not an answer), only if that may be `absent`."""

    def change(figure: Figure, value: str) -> list[Figure]:
        if value == "none" and not absent:
            return []
        return [replace(figure, **{part: replace(getattr(figure, part), **{field: it})}) for it in pick(value, values)]

    return change


def _change_kind(figure: Figure, value: str) -> list[Figure]:
    """A girl is told from other people, a cat from a dog, whatever the hair and clothes are; a robot from a cat."""
    alike = [kind for kind in words.KINDS if kind != value and words.SURFACE_WORD[kind] == words.SURFACE_WORD[value]]
    surface = figure.identity.surface if alike else words.FURS[0]
    kinds = alike or ["cat"]
    return [replace(figure, identity=replace(figure.identity, kind=it, surface=surface, marking="none")) for it in kinds]


def _change_surface(figure: Figure, value: str) -> list[Figure]:
    others = _another(figure.identity.surface, words.SURFACES[figure.identity.kind])
    return [replace(figure, identity=replace(figure.identity, surface=other)) for other in others]


def _change_product_kind(figure: Figure, value: str) -> list[Figure]:
    if figure.held:
        return [replace(figure, held=None)]
    return [hold(figure, sample_product(np.random.Generator(np.random.PCG64(0)), "train", "mug"))]


def _change_pose(figure: Figure, value: str) -> list[Figure]:
    held = None if value == words.HOLDING else figure.held
    return [replace(figure, pose=other, held=held) for other in _others(value, words.POSES)]


CHANGES: dict[str, Change] = {
    "kind": _change_kind,
    "surface": _change_surface,
    "hair style": _change("identity", "hair_style", _others, words.HAIR_STYLES),
    "hair colour": _change("identity", "hair_colour", _another, words.HAIR_COLOURS),
    "eye colour": _change("identity", "eye_colour", _another, words.EYE_COLOURS),
    "expression": lambda figure, value: [replace(figure, expression=other) for other in _others(value, words.EXPRESSIONS)],
    "facing": lambda figure, value: [replace(figure, facing=other) for other in _others(value, words.FACINGS)],
    "glasses": lambda figure, value: [replace(figure, outfit=replace(figure.outfit, glasses=not figure.outfit.glasses))],
    "hat colour": _change("outfit", "hat_colour", _another, words.COLOURS, absent=True),
    "top": _change("outfit", "top", _others, words.TOPS),
    "top colour": _change("outfit", "top_colour", _another, words.COLOURS),
    "pattern": _change("outfit", "pattern", _others, words.PATTERNS),
    "bottom": _change("outfit", "bottom", _others, words.BOTTOMS),
    "bottom colour": _change("outfit", "bottom_colour", _another, words.BOTTOM_COLOURS),
    "pose": _change_pose,
    "product": _change_product_kind,
    "product colour": _change("held", "colour", _another, words.COLOURS),
    "logo": _change("held", "logo", _another, words.LOGOS),
}


def _extent(mask: np.ndarray) -> tuple[int, int, int, int] | None:
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    if not len(rows):
        return None
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1
