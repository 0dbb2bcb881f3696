"""Truth: what sight would read off a drawn picture if it were perfect, and which attributes that picture shows at all."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from paperdoll import vocabulary as words
from paperdoll.captions import attributes
from paperdoll.drawing import Picture, draw
from paperdoll.identity import Figure, Scene
from paperdoll.sampling import sample_product
from paperdoll.sight.names import ATTRIBUTES, CHOICE_TRAITS, KEYPOINTS, NUMBERS
from PIL import Image

from troupe_bench.sight import Seen

SIZE, MAP = 128, 64
SHOWN_PIXELS = 12  # an attribute that moves fewer pixels than this is not in the picture
_MOVED = 20  # of 255, in any colour
_ORDER = {name: values for name, values in ATTRIBUTES.items() if name != "framing"}


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
    """Return the attributes that a lone figure's picture shows: those that, were they another, would move enough pixels."""
    said = attributes((figure,), scene)
    shown = []
    for name, values in _ORDER.items():
        # "No hat" is seen, "no hair colour" is not an answer.
        if said[name] == "none" and name not in ("glasses", "hat colour", "product"):
            continue
        other = CHANGES[name](figure, scene, said[name], values)
        if other is None:
            continue
        redrawn = draw((other,), scene, image_HWC.shape[0]).image
        moved = np.abs(redrawn.astype(np.int16) - image_HWC).max(2) > _MOVED
        if int(moved.sum()) >= SHOWN_PIXELS:
            shown.append(name)
    return shown


def _next(value: str, values: tuple[str, ...]) -> str:
    """Return another value than this one and "none"; the next in the vocabulary's order."""
    real = [item for item in values if item != "none"]
    return real[(real.index(value) + 1) % len(real)] if value in real else real[0]


Change = Callable[[Figure, Scene, str, tuple[str, ...]], Figure | None]


def _of_identity(field: str) -> Change:
    return lambda figure, scene, value, values: replace(
        figure, identity=replace(figure.identity, **{field: _next(value, values)})
    )


def _of_outfit(field: str) -> Change:
    return lambda figure, scene, value, values: replace(figure, outfit=replace(figure.outfit, **{field: _next(value, values)}))


def _of_product(field: str) -> Change:
    return lambda figure, scene, value, values: (
        figure.held and replace(figure, held=replace(figure.held, **{field: _next(value, values)}))
    )


def _kind(figure: Figure, scene: Scene, value: str, values: tuple[str, ...]) -> Figure:
    """A girl is told from a woman, a cat from a dog, whatever the hair and clothes are."""
    partner = {"girl": "woman", "woman": "girl", "boy": "man", "man": "boy", "cat": "dog", "dog": "cat", "robot": "cat"}[value]
    surface = figure.identity.surface if value != "robot" else words.FURS[0]
    return replace(figure, identity=replace(figure.identity, kind=partner, surface=surface, marking="none"))


def _surface(figure: Figure, scene: Scene, value: str, values: tuple[str, ...]) -> Figure:
    own = words.SURFACES[figure.identity.kind]
    return replace(figure, identity=replace(figure.identity, surface=_next(figure.identity.surface, own)))


def _bottom(figure: Figure, scene: Scene, value: str, values: tuple[str, ...]) -> Figure:
    return replace(figure, outfit=replace(figure.outfit, bottom=_next(value, values)))


def _glasses(figure: Figure, scene: Scene, value: str, values: tuple[str, ...]) -> Figure:
    return replace(figure, outfit=replace(figure.outfit, glasses=not figure.outfit.glasses))


def _product(figure: Figure, scene: Scene, value: str, values: tuple[str, ...]) -> Figure:
    if figure.held:
        return replace(figure, held=None)
    return replace(figure, held=sample_product(np.random.Generator(np.random.PCG64(0)), "train", "mug"), pose=words.HOLDING)


def _pose(figure: Figure, scene: Scene, value: str, values: tuple[str, ...]) -> Figure:
    return replace(figure, pose=_next(value, words.POSES), held=None if value == words.HOLDING else figure.held)


CHANGES: dict[str, Change] = {
    "kind": _kind,
    "surface": _surface,
    "hair style": _of_identity("hair_style"),
    "hair colour": _of_identity("hair_colour"),
    "eye colour": _of_identity("eye_colour"),
    "expression": lambda figure, scene, value, values: replace(figure, expression=_next(value, values)),
    "facing": lambda figure, scene, value, values: replace(figure, facing=_next(value, values)),
    "glasses": _glasses,
    "hat colour": _of_outfit("hat_colour"),
    "top": lambda figure, scene, value, values: replace(
        figure, outfit=replace(figure.outfit, top="hoodie" if value == "t-shirt" else "t-shirt")
    ),
    "top colour": _of_outfit("top_colour"),
    "pattern": _of_outfit("pattern"),
    "bottom": _bottom,
    "bottom colour": _of_outfit("bottom_colour"),
    "pose": _pose,
    "product": _product,
    "product colour": _of_product("colour"),
    "logo": _of_product("logo"),
}


def _extent(mask: np.ndarray) -> tuple[int, int, int, int] | None:
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    if not len(rows):
        return None
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1
