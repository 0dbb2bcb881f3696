"""E1a-c: the oracle on true renders, each attribute scored only where the truth shows it, clean and after the VAE."""

from collections.abc import Iterable

import numpy as np
from paperdoll.drawing import draw
from paperdoll.identity import sample_product
from paperdoll.sampling import hold

from troupe_bench.bench import Part, Unit
from troupe_bench.claims import Claim
from troupe_bench.distance import SAME_WITHIN, identity_distance
from troupe_bench.kit import Kit
from troupe_bench.measures import less, mean, missing
from troupe_bench.rows import Row
from troupe_bench.sight import Seen, main_figure
from troupe_bench.subjects import list_lookalikes, make_rng, name_subject, pick_identity, sample_view
from troupe_bench.truth import SIZE, list_shown, see_truth

PER_UNIT = 50
HOLDER = 8  # every eighth figure holds something
_FRAMINGS = ("portrait", "half body", "full body")


def measure_reading(unit: Unit, kit: Kit, seed: int) -> list[Row]:
    """Return a row a render: what it shows, and what of that was misread clean and after the VAE; and the same of what is there:
    that nobody wears a hat is read more easily than its colour."""
    drawn = []
    for index in range(unit.index * PER_UNIT, (unit.index + 1) * PER_UNIT):
        identity = pick_identity(seed, index)
        figure, scene = sample_view(identity, make_rng(seed, 2, index), framing=_FRAMINGS[index % 3])
        if index % HOLDER == 0:
            figure = hold(figure, sample_product(make_rng(seed, 18, index), "test"))
        picture = draw((figure,), scene, SIZE, truth=True)
        (truth,) = see_truth((figure,), scene, picture)
        drawn.append((identity, scene, truth, list_shown(figure, scene, picture.image), picture.image))
    images = np.stack([image for *_, image in drawn])
    clean, worn = kit.oracle.read(images), kit.oracle.read(kit.through_vae(images))
    rows = []
    for (identity, scene, truth, shown, _), first, second in zip(drawn, clean, worn, strict=True):
        there = {name for name in shown if truth.words[name] != "none"}
        wrong, wrong_vae = (list_wrong(main_figure(seen), truth, shown) for seen in (first, second))
        rows.append(
            {
                "subject": name_subject(identity), "framing": scene.framing, "shown": shown, "wrong": wrong,
                "wrongVae": wrong_vae, "nShown": len(shown), "nWrong": len(wrong), "nWrongVae": len(wrong_vae),
                "nThere": len(there), "nWrongThere": len(set(wrong) & there),
                "mistakes": list_mistakes(main_figure(first), truth, wrong),
            }
        )  # fmt: skip
    return rows


def list_wrong(seen: Seen | None, truth: Seen, asked: list[str]) -> list[str]:
    """Return the asked attributes that were misread; all of them where no figure was found."""
    return [name for name in asked if seen is None or seen.words.get(name) != truth.words[name]]


def list_mistakes(seen: Seen | None, truth: Seen, wrong: list[str]) -> list[str]:
    """Return "attribute: truth for reading" of each misread attribute; nothing where no figure was found."""
    return [] if seen is None else [f"{name}: {truth.words[name]} → {seen.words.get(name)}" for name in wrong]


def measure_sameness(unit: Unit, kit: Kit, seed: int) -> list[Row]:
    """Return a row a subject: the distance of two of its pictures, and of its picture and a namesake's."""
    return compare_subjects(kit, seed, range(unit.index * PER_UNIT, (unit.index + 1) * PER_UNIT))


def compare_subjects(kit: Kit, seed: int, indices: Iterable[int], split: str = "test") -> list[Row]:
    """Return a row a subject: `sameDistance` of two of its pictures, `namesakeDistance` of its picture and a namesake's."""
    drawn, subjects = [], []
    for index in indices:
        identity, rng = pick_identity(seed, 10_000 + index, split), make_rng(seed, 3, index)
        namesake = list_lookalikes(identity, rng, 0, 1)[0]
        for who in (identity, identity, namesake):
            figure, scene = sample_view(who, rng, framing=("portrait", "half body")[int(rng.integers(2))])
            drawn.append(draw((figure,), scene, SIZE).image)
        subjects.append(name_subject(identity))
    seen = [main_figure(figures) for figures in kit.oracle.read(np.stack(drawn))]
    rows = []
    for at, subject in enumerate(subjects):
        one, two, other = seen[3 * at : 3 * at + 3]
        same = identity_distance(one, two) if one and two else None
        namesake = identity_distance(one, other) if one and other else None
        rows.append({"subject": subject, "sameDistance": same, "namesakeDistance": namesake})
    return rows


def find_threshold(kit: Kit, seed: int, subjects: int = 300) -> dict[str, float]:
    """Return the distance beyond which as many pictures of one subject fall as pictures of namesakes fall within, on subjects of
    the validation split, and both shares. `distance.SAME_WITHIN` is this, rounded, of the oracle that is committed."""
    rows = [row for row in compare_subjects(kit, seed, range(subjects), "validation") if None not in row.values()]
    same, others = (np.array([row[name] for row in rows]) for name in ("sameDistance", "namesakeDistance"))
    at = min(np.concatenate([same, others]), key=lambda within: abs((same > within).mean() - (others <= within).mean()))
    return {
        "within": float(at), "sameBeyond": float((same > at).mean()), "namesakesWithin": float((others <= at).mean()),
        "subjects": len(rows),
    }  # fmt: skip


def _right(rows) -> float:
    return missing("nWrong", "nShown")(rows)


PARTS = (
    Part(
        "oracle",
        measure_reading,
        (
            Claim(
                "E1a",
                "The oracle reads what a portrait shows (attributes that move at least 12 pixels)",
                ">=",
                0.98,
                "share",
                _right,
                {"framing": "portrait"},
            ),
            Claim("E1b", "The oracle reads what a half body shows", ">=", 0.95, "share", _right, {"framing": "half body"}),
            Claim("E1", "The oracle reads what a full body shows", ">=", None, "share", _right, {"framing": "full body"}),
            Claim(
                "E1i",
                "Of all renders, what is there: “no hat”, “no glasses” and “nothing in hand” left aside",
                ">=",
                None,
                "share",
                missing("nWrongThere", "nThere"),
            ),
            Claim(
                "E1c",
                "What the oracle loses when the same renders went through the VAE",
                "<=",
                2.0,
                "points",
                less(missing("nWrong", "nShown"), missing("nWrongVae", "nShown"), 100),
            ),
        ),
        units=40,
        quick_units=2,
        uses=("oracle", "vae"),
        version=2,
    ),
    Part(
        "sameness",
        measure_sameness,
        (
            Claim(
                "E1e",
                f"Two pictures of one subject lie within {SAME_WITHIN} steps, the stated threshold for “same”",
                ">=",
                None,
                "share",
                lambda rows: float(np.nanmean(rows["sameDistance"] <= SAME_WITHIN)),
            ),
            Claim(
                "E1f",
                "Pictures of two namesakes, every named attribute alike, lie beyond it",
                ">=",
                None,
                "share",
                lambda rows: float(np.nanmean(rows["namesakeDistance"] > SAME_WITHIN)),
            ),
            Claim("E1g", "Distance of two pictures of one subject", "<=", None, "steps", mean("sameDistance")),
            Claim("E1h", "Distance of two namesakes' pictures", ">=", None, "steps", mean("namesakeDistance")),
        ),
        units=6,
        quick_units=1,
        uses=("oracle",),
    ),
)
