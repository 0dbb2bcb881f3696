"""E6: the three numbers on what is known. A method that returns a reference must win the first and fail the second; honest
pictures of the same subject in new scenes must not be taken for copies. Figures are read by the oracle; without one the truth
of what was drawn stands for it, and the rows say so."""

import numpy as np
from paperdoll.drawing import draw
from paperdoll.sampling import sample_outfit

from troupe_bench.bench import Part, Unit
from troupe_bench.claims import Claim
from troupe_bench.kit import Kit
from troupe_bench.likeness import COPY_AT, Reference, compare, likeness_row, mean_direction
from troupe_bench.measures import mean
from troupe_bench.rows import Row
from troupe_bench.sight import main_figure
from troupe_bench.subjects import list_lookalikes, make_rng, name_subject, pick_identity, sample_view
from troupe_bench.truth import SIZE, see_truth

SUBJECTS, PER_UNIT, REFERENCES, SCENES, STRANGERS = 60, 6, 4, 4, 24


def measure_paste(unit: Unit, kit: Kit, seed: int) -> list[Row]:
    """Return a row a picture: references worn by the VAE (paste), and true renders in new scenes (honest)."""
    indices = range(unit.index * PER_UNIT, (unit.index + 1) * PER_UNIT)
    strangers = kit.once("strangers", seed, lambda: _embed_strangers(kit, seed))
    return [row for index in indices for row in _measure_subject(kit, seed, index, strangers)]


def _measure_subject(kit: Kit, seed: int, index: int, strangers_GD: np.ndarray) -> list[Row]:
    identity, rng = pick_identity(seed, 40_000 + index), make_rng(seed, 14, index)
    outfit = sample_outfit(rng, identity.kind)
    views = [sample_view(identity, rng, outfit) for _ in range(REFERENCES + SCENES)]
    pictures = [draw((figure,), scene, SIZE, truth=True) for figure, scene in views]
    truths = [see_truth((figure,), scene, picture)[0] for (figure, scene), picture in zip(views, pictures, strict=True)]
    images = np.stack([picture.image for picture in pictures])
    uploads, honest = images[:REFERENCES], images[REFERENCES:]
    pasted = kit.through_vae(uploads)
    own = mean_direction(kit.encoder.embed(uploads))
    lookalikes = np.stack([_embed_lookalike(kit, who, rng, outfit) for who in list_lookalikes(identity, rng)])
    seen, seen_pasted = truths, truths[:REFERENCES]
    if kit.has_oracle:
        seen, seen_pasted = ([main_figure(figures) for figures in kit.oracle.read(some)] for some in (images, pasted))
    references = [Reference(image, found) for image, found in zip(uploads, seen[:REFERENCES], strict=True)]
    read_by = "oracle" if kit.has_oracle else "truth"
    rows = []
    for method, drawn, found in (
        ("paste", pasted, seen_pasted),
        ("honest", honest, seen[REFERENCES:]),
    ):
        vectors = kit.encoder.embed(drawn)
        for number, image in enumerate(drawn):
            likeness = compare(image, vectors[number], found[number], references, own, lookalikes, strangers_GD, truths[0])
            rows.append(
                {"subject": name_subject(identity), "method": method, "number": number, "readBy": read_by}
                | likeness_row(likeness)
            )
    return rows


def _embed_lookalike(kit: Kit, identity, rng: np.random.Generator, outfit) -> np.ndarray:
    views = [sample_view(identity, rng, outfit) for _ in range(REFERENCES)]
    return mean_direction(kit.encoder.embed(np.stack([draw((figure,), scene, SIZE).image for figure, scene in views])))


def _embed_strangers(kit: Kit, seed: int) -> np.ndarray:
    people = [pick_identity(seed, 50_000 + index) for index in range(STRANGERS)]
    rng = make_rng(seed, 15)
    return np.stack([_embed_lookalike(kit, who, rng, sample_outfit(rng, who.kind)) for who in people])


_PASTE, _HONEST = {"method": "paste"}, {"method": "honest"}
PARTS = (
    Part(
        "paste",
        measure_paste,
        (
            Claim(
                "E6a",
                "Pasting a reference wins on likeness: no look-alike is nearer than the subject",
                ">=",
                0.95,
                "share",
                mean("first"),
                _PASTE,
            ),
            Claim(
                "E6b",
                f"Pasting a reference is told as a copy (nearness in pose, crop and pixels from {COPY_AT})",
                ">=",
                0.95,
                "share",
                mean("copied"),
                _PASTE,
            ),
            Claim(
                "E6c",
                "True renders of the subject in new scenes are taken for copies",
                "<=",
                0.05,
                "share",
                mean("copied"),
                _HONEST,
            ),
            Claim("E6d", "True renders: no look-alike is nearer than the subject", ">=", None, "share", mean("first"), _HONEST),
            Claim("E6e", "Similarity of pasted references to their subject", ">=", None, "cosine", mean("similarity"), _PASTE),
            Claim("E6f", "Similarity of true renders in new scenes", ">=", None, "cosine", mean("similarity"), _HONEST),
            Claim(
                "E6g", "Similarity of true renders to the nearest other subject", "<=", None, "cosine", mean("stranger"), _HONEST
            ),
        ),
        units=SUBJECTS // PER_UNIT,
        quick_units=1,
        uses=("encoder", "vae"),
        may_use=("oracle",),
        plan=f"copy at {COPY_AT}",
    ),
)
