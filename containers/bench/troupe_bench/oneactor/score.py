"""Scoring: the three numbers of every picture, and how much of its scene it says. Clothes belong to the subject, who wears the
same in all pictures: whoever repeats the reference would have them right, so the scene's share does not ask for them."""

from dataclasses import dataclass

import numpy as np

from troupe_bench.kit import Kit
from troupe_bench.likeness import Reference, Vector, compare, likeness_row, mean_direction
from troupe_bench.oneactor.places import read_place
from troupe_bench.oneactor.plan import SCENES
from troupe_bench.rows import Row
from troupe_bench.sight import Pixels, Seen, main_figure


@dataclass(frozen=True)
class Target:
    """Who pictures should look like: what was learned from, and who looks like it without being it."""

    references: list[Reference]
    own_D: Vector
    lookalikes_GD: Vector
    strangers_GD: Vector
    truth: Seen | None


def make_target(kit: Kit, uploads: Pixels, lookalikes: Pixels, strangers_GD: Vector, truth: Seen | None = None) -> Target:
    """Return the target of these uploads. Without truth, what the oracle reads in the first upload stands for it."""
    seen = [main_figure(figures) for figures in kit.oracle.read(uploads)]
    references = [Reference(image, found) for image, found in zip(uploads, seen, strict=True)]
    return Target(
        references, mean_direction(kit.encoder.embed(uploads)), kit.encoder.embed(lookalikes), strangers_GD, truth or seen[0]
    )


def score_pictures(kit: Kit, target: Target, images: Pixels, scenes: list[int], about: Row) -> list[Row]:
    """Return a row a picture: `about`, the three numbers, and the share of its scene that is seen."""
    vectors, read = kit.encoder.embed(images), kit.oracle.read(images)
    rows = []
    for number, (image, vector, figures, scene) in enumerate(zip(images, vectors, read, scenes, strict=True)):
        seen = main_figure(figures)
        likeness = compare(
            image, vector, seen, target.references, target.own_D, target.lookalikes_GD, target.strangers_GD, target.truth
        )
        share = scene_share(image, seen, scene)
        rows.append({**about, "number": number, "scene": scene, "prompt": share} | likeness_row(likeness))
    return rows


def scene_share(image_HWC: np.ndarray, seen: Seen | None, scene: int) -> float:
    """Return the share of what the scene asks that is read in the picture: pose, expression, framing and place."""
    if seen is None:
        return 0.0
    pose, expression, place, framing = SCENES[scene]
    asked = {"pose": pose, "expression": expression, "framing": framing}
    right = [seen.words[name] == value for name, value in asked.items()]
    return float(np.mean([*right, read_place(image_HWC, seen.mask) == place]))
