"""E2: the identity encoder on unseen subjects with everything else changed, and on pictures in the base model's own hand."""

from dataclasses import replace

import numpy as np
import torch
from paperdoll.captions import caption
from paperdoll.drawing import draw
from paperdoll.identity import near_twin
from troupe_worker.models import encode_pictures

from troupe_bench.bench import Part, Unit
from troupe_bench.claims import Claim
from troupe_bench.generate import redraw
from troupe_bench.kit import Kit
from troupe_bench.measures import auc, mean, rejects_at
from troupe_bench.rows import Row
from troupe_bench.sight import BATCH
from troupe_bench.subjects import make_rng, name_subject, pick_identity, sample_view
from troupe_bench.truth import SIZE

IDENTITIES, PER_UNIT, STRANGERS = 500, 50, 16
REDRAWN_PER_UNIT, STRENGTH = 16, 0.5


def _view(seed: int, index: int, view: int, path: int = 4):
    """Return picture `view` of subject `index`: dressed, posed and placed anew each time."""
    identity = pick_identity(seed, index)
    framing = None if view else ("half body", "portrait")[index % 2]
    return identity, *sample_view(identity, make_rng(seed, path, index, view), framing=framing)


def _embed_gallery(kit: Kit, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return one picture of every subject as vectors of the encoder (N, D) and as whole-picture latents (N, L)."""
    views = (_view(seed, index, 0) for index in range(IDENTITIES))
    images = np.stack([draw((figure,), scene, SIZE).image for _, figure, scene in views])
    return kit.encoder.embed(images), embed_latents(kit, images)


def embed_latents(kit: Kit, images_BHWC: np.ndarray) -> np.ndarray:
    """Return (B, L) whole-picture VAE latents at unit length: the likeness anybody has without an encoder."""
    parts = [torch.from_numpy(images_BHWC[at : at + BATCH]) for at in range(0, len(images_BHWC), BATCH)]
    flat = torch.cat([encode_pictures(kit.base, part).flatten(1) for part in parts])
    return torch.nn.functional.normalize(flat, dim=1).numpy()


def measure_recall(unit: Unit, kit: Kit, seed: int) -> list[Row]:
    """Return a row a subject: its other picture among everybody's, and beside its near twin."""
    indices = list(range(unit.index * PER_UNIT, (unit.index + 1) * PER_UNIT))
    images, twins, subjects = [], [], []
    for index in indices:
        identity, figure, scene = _view(seed, index, 1)
        images.append(draw((figure,), scene, SIZE).image)
        # The twin stands where the subject stood in the gallery, in the same clothes: only one trait tells them apart.
        _, figure, scene = _view(seed, index, 0)
        twin, _ = near_twin(identity, make_rng(seed, 5, index))
        twins.append(draw((replace(figure, identity=twin),), scene, SIZE).image)
        subjects.append(name_subject(identity))
    queries, twins_ND = kit.encoder.embed(np.stack(images)), kit.encoder.embed(np.stack(twins))
    latents = embed_latents(kit, np.stack(images))
    known, known_latents = kit.once("gallery", seed, lambda: _embed_gallery(kit, seed))
    rows = []
    for at, index in enumerate(indices):
        scores, raw = known @ queries[at], known_latents @ latents[at]
        others = make_rng(seed, 6, index).permutation([i for i in range(IDENTITIES) if i != index])[:STRANGERS]
        rows.append(
            {
                "subject": subjects[at], "found": bool(scores.argmax() == index), "same": scores[index],
                "strangers": scores[others].tolist(), "sameLatent": raw[index], "strangersLatent": raw[others].tolist(),
                "twinTold": bool(scores[index] > twins_ND[at] @ queries[at]),
            }
        )  # fmt: skip
    return rows


def measure_redrawn(unit: Unit, kit: Kit, seed: int) -> list[Row]:
    """Return a row a subject: its other picture among its unit's, both redrawn by the base model."""
    own = list(range(unit.index * REDRAWN_PER_UNIT, (unit.index + 1) * REDRAWN_PER_UNIT))
    (known, known_latents), (asked, latents) = (_embed_redrawn(kit, seed, own, view) for view in (0, 1))
    scores, raw = asked @ known.T, latents @ known_latents.T
    return [
        {
            "subject": name_subject(pick_identity(seed, index)), "found": bool(scores[at].argmax() == at),
            "same": scores[at, at], "strangers": np.delete(scores[at], at).tolist(), "sameLatent": raw[at, at],
            "strangersLatent": np.delete(raw[at], at).tolist(),
        }
        for at, index in enumerate(own)
    ]  # fmt: skip


def _embed_redrawn(kit: Kit, seed: int, indices: list[int], view: int) -> tuple[np.ndarray, np.ndarray]:
    """Return vectors (N, D) of the encoder and (N, L) of whole-picture latents."""
    views = [_view(seed, index, view, 7) for index in indices]
    images = np.stack([draw((figure,), scene, SIZE).image for _, figure, scene in views])
    told = [
        caption((figure,), scene, "full", make_rng(seed, 8, index))
        for index, (_, figure, scene) in zip(indices, views, strict=True)
    ]
    redrawn = redraw(kit.base, images, told, [seed % 2**31 + 2 * index + view for index in indices], STRENGTH)
    return kit.encoder.embed(redrawn), embed_latents(kit, redrawn)


PARTS = (
    Part(
        "encoder",
        measure_recall,
        (
            Claim(
                "E2a",
                "A subject's other picture finds it first among 500 unseen subjects, everything else changed",
                ">=",
                0.95,
                "share",
                mean("found"),
            ),
            Claim(
                "E2b",
                "Pictures of a subject refused when 1 % of strangers are let through",
                "<=",
                0.05,
                "share",
                rejects_at("same", "strangers", 0.01),
            ),
            Claim(
                "E2c",
                "AUC of the encoder less AUC of whole-picture VAE latents: the gap between their intervals",
                ">=",
                0.0,
                "AUC",
                auc("same", "strangers"),
                against=auc("sameLatent", "strangersLatent"),
            ),
            Claim("E2e", "AUC of the encoder, same subject against strangers", ">=", None, "AUC", auc("same", "strangers")),
            Claim("E2f", "AUC of whole-picture VAE latents", ">=", None, "AUC", auc("sameLatent", "strangersLatent")),
            Claim(
                "E2g",
                "The subject is nearer than a near twin in the same clothes and place as the known picture",
                ">=",
                None,
                "share",
                mean("twinTold"),
            ),
        ),
        units=IDENTITIES // PER_UNIT,
        quick_units=2,
        uses=("encoder", "vae"),
    ),
    Part(
        "encoder on drawings",
        measure_redrawn,
        (
            Claim(
                "E2d",
                f"Found first among {REDRAWN_PER_UNIT} subjects when the base model has redrawn both pictures from half noise",
                ">=",
                None,
                "share",
                mean("found"),
            ),
            Claim(
                "E2h",
                "Of those, pictures of a subject refused when 1 % of strangers are let through",
                "<=",
                None,
                "share",
                rejects_at("same", "strangers", 0.01),
            ),
            Claim("E2i", "Of those, AUC of the encoder", ">=", None, "AUC", auc("same", "strangers")),
            Claim("E2j", "Of those, AUC of whole-picture VAE latents", ">=", None, "AUC", auc("sameLatent", "strangersLatent")),
        ),
        units=4,
        quick_units=1,
        uses=("encoder", "base"),
        version=2,
    ),
)
