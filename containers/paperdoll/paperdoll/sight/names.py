"""What is read off a figure: keypoints, named attributes with their values, and the unnamed traits."""

import numpy as np

from paperdoll import vocabulary as words
from paperdoll.captions import attributes
from paperdoll.identity import CHEEK_MARKS, MARKINGS, NUMBER_TRAITS, Figure, Scene

SLOTS = 3  # figures in a picture, from left to right
KEYPOINTS = (
    "head top", "chin", "nose", "mouth", "left eye", "right eye", "neck", "left shoulder", "right shoulder", "left elbow",
    "right elbow", "left hand", "right hand", "left hip", "right hip", "left knee", "right knee", "left foot", "right foot",
)  # fmt: skip
HEAD_KEYPOINTS, JOINTS = KEYPOINTS[:6], KEYPOINTS[6:]

_SURFACES = tuple(
    f"{surface} {word}"
    for word, surfaces in (("skin", words.SKINS), ("fur", words.FURS), ("shell", words.SHELLS))
    for surface in surfaces
)
# Read from head, face and body, or from body, torso and chest.
WHO_ATTRIBUTES: dict[str, tuple[str, ...]] = {
    "kind": words.KINDS,
    "surface": _SURFACES,
    "hair style": ("none", *words.HAIR_STYLES),
    "hair colour": ("none", *words.HAIR_COLOURS),
    "eye colour": words.EYE_COLOURS,
    "expression": words.EXPRESSIONS,
    "facing": words.FACINGS,
    "glasses": ("none", "glasses"),
    "hat colour": ("none", *words.COLOURS),
}
OUTFIT_ATTRIBUTES: dict[str, tuple[str, ...]] = {
    "top": words.TOPS,
    "top colour": words.COLOURS,
    "pattern": words.PATTERNS,
    "bottom": ("none", *words.BOTTOMS),
    "bottom colour": ("none", *words.BOTTOM_COLOURS),
    "pose": (*words.POSES, words.HOLDING),
    "framing": words.FRAMINGS,
    "product": ("none", *words.PRODUCTS),
    "product colour": ("none", *words.COLOURS),
    "logo": ("none", *words.LOGOS),
}
ATTRIBUTES = WHO_ATTRIBUTES | OUTFIT_ATTRIBUTES
LASTING = ("kind", "surface", "hair style", "hair colour", "eye colour")  # what no outfit, pose or place changes
# Unnamed: choices beside the numbers.
CHOICE_TRAITS: dict[str, tuple[str, ...]] = {
    "cheek_mark": CHEEK_MARKS,
    "marking": tuple(dict.fromkeys(marking for markings in MARKINGS.values() for marking in markings)),
}
NUMBERS = NUMBER_TRAITS


def code_attributes(figure: Figure, scene: Scene) -> np.ndarray:
    """Return (A,) int64: the number of each attribute's value, in the order of ATTRIBUTES."""
    said = attributes((figure,), scene)
    return np.array([values.index(said[name]) for name, values in ATTRIBUTES.items()])


def code_traits(figure: Figure) -> tuple[np.ndarray, np.ndarray]:
    """Return the unnamed numbers, (T,) float32 in -1..1, and the numbers of the unnamed choices, (2,) int64."""
    numbers = np.array([getattr(figure.identity, name) for name in NUMBERS], np.float32)
    choices = [values.index(getattr(figure.identity, name)) for name, values in CHOICE_TRAITS.items()]
    return numbers, np.array(choices)
