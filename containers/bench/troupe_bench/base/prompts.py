"""E4a: a thousand prompts of attributes that nobody drew together before, and what of each prompt the drawing says."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from paperdoll.captions import caption
from paperdoll.drawing import draw
from paperdoll.sampling import sample_scene

from troupe_bench.base.oracle import list_wrong
from troupe_bench.bench import Part, Unit
from troupe_bench.claims import Claim
from troupe_bench.generate import draw_prompts
from troupe_bench.kit import Kit
from troupe_bench.measures import missing
from troupe_bench.rows import Row
from troupe_bench.sight import Pixels, main_figure
from troupe_bench.subjects import make_rng, name_subject
from troupe_bench.truth import SIZE, list_shown, see_truth

BATCH = 8  # of the worker's
# A caption is silent about what is not there.
_UNSAID = {"glasses": "none", "hat colour": "none", "product": "none", "pattern": "plain"}


def sample_prompt(seed: int, index: int):
    """Return (figure, scene, prompt) `index` of a seed: one figure of the test split, everything named."""
    rng = make_rng(seed, 11, index)
    figures, scene = sample_scene(rng, "test")
    while not figures:
        figures, scene = sample_scene(rng, "test")
    figure = replace(figures[0], x=0.5)
    return figure, scene, caption((figure,), scene, "full", rng)


def drawing_path(kit: Kit, seed: int, index: int) -> Path:
    """Where drawing `index` of a seed is kept."""
    return kit.picture_path(f"prompts-{seed}", picture_name(index))


def picture_name(index: int) -> str:
    return f"{index:04}"


def draw_drawings(kit: Kit, seed: int, indices: Sequence[int]) -> Pixels:
    """Return drawings `indices`, (B, H, W, 3), in one batch, and keep them for sheets and labels."""
    drawn = draw_prompts(kit.base, [sample_prompt(seed, index)[2] for index in indices], [seed % 2**31 + i for i in indices])
    for index, image in zip(indices, drawn, strict=True):
        kit.keep(drawing_path(kit, seed, index), image)
    return drawn


def measure_prompts(unit: Unit, kit: Kit, seed: int) -> list[Row]:
    """Return a row a prompt: what it asks that its true render shows, what the drawing and that render read wrong."""
    indices = range(unit.index * BATCH, (unit.index + 1) * BATCH)
    asked = [sample_prompt(seed, index) for index in indices]
    drawn = draw_drawings(kit, seed, indices)
    true = [draw((figure,), scene, SIZE, truth=True) for figure, scene, _ in asked]
    read, ceiling = kit.oracle.read(drawn), kit.oracle.read(np.stack([picture.image for picture in true]))
    rows = []
    for at, index in enumerate(indices):
        figure, scene, prompt = asked[at]
        (truth,) = see_truth((figure,), scene, true[at])
        shown = ["framing", *list_shown(figure, scene, true[at].image)]
        named = [name for name in shown if truth.words[name] != _UNSAID.get(name)]
        wrong, wrong_true = (list_wrong(main_figure(seen), truth, named) for seen in (read[at], ceiling[at]))
        rows.append(
            {
                "subject": name_subject(figure.identity), "number": index, "prompt": prompt, "framing": scene.framing,
                "asked": named, "wrong": wrong, "wrongTrue": wrong_true, "nAsked": len(named), "nWrong": len(wrong),
                "nWrongTrue": len(wrong_true),
            }
        )  # fmt: skip
    return rows


PARTS = (
    Part(
        "prompts",
        measure_prompts,
        (
            Claim(
                "E4a",
                "Asked attributes that the oracle reads right in the base model's drawing, where a true render would show them",
                ">=",
                0.9,
                "share",
                missing("nWrong", "nAsked"),
            ),
            Claim(
                "E4e",
                "The same on true renders of those prompts: the oracle's ceiling",
                ">=",
                None,
                "share",
                missing("nWrongTrue", "nAsked"),
            ),
        ),
        units=125,
        quick_units=2,
        uses=("oracle", "base"),
        version=2,
    ),
)
