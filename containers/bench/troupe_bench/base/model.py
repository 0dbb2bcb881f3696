"""E4b-d: identities that a bare prompt gives, faces that the VAE keeps, seconds a picture."""

import time

import numpy as np
from paperdoll import vocabulary as words
from paperdoll.drawing import draw
from paperdoll.identity import Identity

from troupe_bench.base.prompts import sample_prompt
from troupe_bench.bench import Part, Unit
from troupe_bench.claims import Claim
from troupe_bench.distance import SAME_WITHIN, count_distinct
from troupe_bench.generate import draw_prompts, psnr
from troupe_bench.kit import Kit
from troupe_bench.measures import mean, ratio
from troupe_bench.rows import Row
from troupe_bench.sight import Pixels, main_figure
from troupe_bench.subjects import make_rng, name_subject, pick_identity, sample_view
from troupe_bench.truth import SIZE

SEEDS = 10
_BARE_PLACES = ("in a park", "plain blue background")
FACES_PER_UNIT = 40
TIMED_BATCH, TIMED_BATCHES = 8, 10


def measure_variety(unit: Unit, kit: Kit, seed: int) -> list[Row]:
    """Return one row: how many identities ten seeds of a bare prompt give, and ten renders of one identity, and of ten."""
    kind, place = words.KINDS[unit.index % len(words.KINDS)], _BARE_PLACES[unit.index // len(words.KINDS)]
    prompt = f"half body, a {kind}, {place}"
    drawn = draw_prompts(kit.base, [prompt] * SEEDS, [seed % 2**31 + number for number in range(SEEDS)])
    people = [pick_identity(seed, 30_000 + SEEDS * unit.index + number, kind=kind) for number in range(SEEDS)]
    read = {"drawn": drawn, "one": _draw_people(people[:1] * SEEDS, seed, unit), "many": _draw_people(people, seed, unit)}
    seen = {name: [main_figure(figures) for figures in kit.oracle.read(images)] for name, images in read.items()}
    distinct = {name: count_distinct([figure for figure in figures if figure]) for name, figures in seen.items()}
    return [
        {
            "subject": prompt, "seeds": SEEDS, "figures": sum(figure is not None for figure in seen["drawn"]),
            "distinct": distinct["drawn"], "distinctOfOne": distinct["one"], "distinctOfTen": distinct["many"],
        }
    ]  # fmt: skip


def _draw_people(people: list[Identity], seed: int, unit: Unit) -> Pixels:
    """Return a render of each in a scene of its own: what the same count makes of known identities."""
    rng = make_rng(seed, 19, unit.index)
    views = [sample_view(who, rng, framing="half body") for who in people]
    return np.stack([draw((figure,), scene, SIZE).image for figure, scene in views])


def measure_faces(unit: Unit, kit: Kit, seed: int) -> list[Row]:
    """Return a row a render: PSNR after the VAE, whole and in the face."""
    rows, pictures = [], []
    for index in range(unit.index * FACES_PER_UNIT, (unit.index + 1) * FACES_PER_UNIT):
        identity = pick_identity(seed, 20_000 + index)
        figure, scene = sample_view(identity, make_rng(seed, 12, index))
        pictures.append((identity, scene, draw((figure,), scene, SIZE, truth=True)))
    worn = kit.through_vae(np.stack([picture.image for *_, picture in pictures]))
    for (identity, scene, picture), again in zip(pictures, worn, strict=True):
        row = {"subject": name_subject(identity), "framing": scene.framing, "psnr": psnr(picture.image, again)}
        if (face := picture.truth[0].face_box) is not None:
            left, top, right, bottom = face
            row["facePsnr"] = psnr(picture.image[top:bottom, left:right], again[top:bottom, left:right])
        rows.append(row)
    return rows


def measure_speed(unit: Unit, kit: Kit, seed: int) -> list[Row]:
    """Return a row a batch: seconds of the worker's own render path, decoding included, after one batch of warming up."""
    rows = []
    for run in range(-1, TIMED_BATCHES):
        prompts = [sample_prompt(seed, 5_000 + TIMED_BATCH * max(run, 0) + number)[2] for number in range(TIMED_BATCH)]
        began = time.perf_counter()
        draw_prompts(kit.base, prompts, list(range(TIMED_BATCH)))
        if run >= 0:
            rows.append({"subject": f"batch {run}", "seconds": time.perf_counter() - began, "pictures": TIMED_BATCH})
    return rows


PARTS = (
    Part(
        "variety",
        measure_variety,
        (
            Claim(
                "E4b",
                f"Identities among ten seeds of a bare prompt, told apart at {SAME_WITHIN} steps",
                ">=",
                6.0,
                "identities",
                mean("distinct"),
            ),
            Claim("E4g", "The same count of ten true renders of one identity", "<=", None, "identities", mean("distinctOfOne")),
            Claim("E4h", "The same count of true renders of ten identities", ">=", None, "identities", mean("distinctOfTen")),
        ),
        units=len(words.KINDS) * len(_BARE_PLACES),
        quick_units=1,
        uses=("oracle", "base"),
        plan=f"same within {SAME_WITHIN}",
        held_out=False,
    ),
    Part(
        "faces",
        measure_faces,
        (
            Claim("E4c", "PSNR of faces after the VAE", ">=", 27.0, "dB", mean("facePsnr")),
            Claim("E4f", "PSNR of whole pictures after the VAE", ">=", None, "dB", mean("psnr")),
        ),
        units=5,
        quick_units=1,
        uses=("vae",),
    ),
    Part(
        "speed",
        measure_speed,
        (
            Claim(
                "E4d",
                "Seconds a picture: 20 steps with guidance in batches of 8, by the worker's render path",
                "<=",
                0.3,
                "s",
                ratio("seconds", "pictures"),
            ),
        ),
        units=1,
        quick_units=1,
        uses=("base",),
        timed=True,
        held_out=False,
    ),
)
