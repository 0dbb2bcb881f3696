"""E3: the reader on scenes of one to three figures, and its speed where the functions run it."""

import json
import subprocess
import tempfile
from pathlib import Path

import numpy as np
from paperdoll.drawing import draw
from paperdoll.identity import identity_key
from paperdoll.sampling import sample_scene
from paperdoll.sight.names import JOINTS, KEYPOINTS

from troupe_bench.bench import Part, Unit
from troupe_bench.claims import Claim
from troupe_bench.kit import Kit
from troupe_bench.measures import mean, median, ratio
from troupe_bench.rows import Row
from troupe_bench.sight import Seen
from troupe_bench.subjects import make_rng, name_subject
from troupe_bench.truth import SIZE, see_truth

PER_UNIT, NEAR_PIXELS, TIMED = 50, 4.0, 60
_TIMER = Path("lib/bench/time-onnx.ts")


def measure_scenes(unit: Unit, kit: Kit, seed: int) -> list[Row]:
    """Return a row a scene: mask overlap and joints found, figure by figure from the left."""
    scenes = []
    for index in range(unit.index * PER_UNIT, (unit.index + 1) * PER_UNIT):
        rng = make_rng(seed, 9, index)
        figures, scene = sample_scene(rng, "test")
        while not figures:
            figures, scene = sample_scene(rng, "test")
        picture = draw(figures, scene, SIZE, truth=True)
        scenes.append((figures, scene, picture))
    read = kit.reader.read(np.stack([picture.image for *_, picture in scenes]))
    rows = []
    for (figures, scene, picture), found in zip(scenes, read, strict=True):
        truth = see_truth(figures, scene, picture)
        pairs = pair_figures(found, truth)
        overlaps = [overlap(seen.mask, wanted.mask) if seen else 0.0 for seen, wanted in pairs]
        counts = [count_joints(seen, wanted, kit.reader.keypoints) for seen, wanted in pairs]
        rows.append(
            {
                "subject": name_subject(min(figures, key=lambda figure: identity_key(figure.identity)).identity),
                "figures": len(truth), "found": len(found), "iou": float(np.mean(overlaps)),
                "joints": sum(near for near, _ in counts), "jointsShown": sum(shown for _, shown in counts),
            }
        )  # fmt: skip
    return rows


def pair_figures(found: list[Seen], truth: list[Seen]) -> list[tuple[Seen | None, Seen]]:
    """Return each true figure with the reading whose box is nearest; each reading serves once."""
    left = list(found)
    pairs: list[tuple[Seen | None, Seen]] = []
    for wanted in truth:
        best = min(left, key=lambda seen: float(np.abs(seen.box - wanted.box).sum()), default=None)
        if best is not None:
            left = [seen for seen in left if seen is not best]
        pairs.append((best, wanted))
    return pairs


def overlap(one: np.ndarray, other: np.ndarray) -> float:
    """Return the intersection over union of two masks."""
    return float((one & other).sum() / max((one | other).sum(), 1))


def count_joints(seen: Seen | None, wanted: Seen, names: tuple[str, ...]) -> tuple[int, int]:
    """Return how many of the joints that are shown were found within 4 px, and how many are shown."""
    near = shown = 0
    for joint in JOINTS:
        x, y, visible = wanted.keypoints[KEYPOINTS.index(joint)]
        if not visible:
            continue
        shown += 1
        if seen is not None:
            at = seen.keypoints[names.index(joint)]
            near += bool(np.hypot(at[0] - x, at[1] - y) * SIZE <= NEAR_PIXELS)
    return near, shown


def measure_speed(unit: Unit, kit: Kit, seed: int) -> list[Row]:
    """Return a row a picture: milliseconds in onnxruntime-node on one thread, after warming up."""
    figures, scene = sample_scene(make_rng(seed, 10), "test")
    pixels = draw(figures, scene, SIZE).image.transpose(2, 0, 1).astype("<f4") / 255
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "pixels.bin").write_bytes(pixels.tobytes())
        told = ["node", str(_TIMER), str(kit.models / "reader" / "reader.onnx"), f"{folder}/pixels.bin", str(SIZE), str(TIMED)]
        milliseconds = json.loads(subprocess.run(told, check=True, capture_output=True, text=True).stdout)
    return [{"subject": f"run {number}", "milliseconds": value} for number, value in enumerate(milliseconds)]


PARTS = (
    Part(
        "reader",
        measure_scenes,
        (
            Claim(
                "E3a",
                "Overlap of the reader's figure masks with the truth's (64 px, scenes of one to three figures)",
                ">=",
                0.9,
                "IoU",
                mean("iou"),
            ),
            Claim("E3b", "Joints that are shown, found within 4 px", ">=", 0.95, "share", ratio("joints", "jointsShown")),
        ),
        units=10,
        quick_units=1,
        uses=("reader",),
    ),
    Part(
        "reader speed",
        measure_speed,
        (Claim("E3c", "Milliseconds a picture in onnxruntime-node on one thread", "<=", 40.0, "ms", median("milliseconds")),),
        units=1,
        quick_units=1,
        uses=("reader",),
        timed=True,
        held_out=False,
    ),
)
