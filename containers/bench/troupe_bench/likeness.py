"""The three numbers of a picture: is it the subject, is it a copy of a reference, is it somebody else.

Similarity alone rewards pasting the reference, so none of them is ever shown without the other two.
Shape letters: H and W sides, K keypoints, R references, G gallery members, D dimensions."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from troupe_bench.distance import identity_distance
from troupe_bench.sight import Seen

Vector = NDArray[np.float32]
# Nearness at which a picture counts as a copy. On 60 validation subjects, with true readings, 99 % of honest pictures lie
# below 0.56, and every reference that was blurred, faded and made grainy lies above 0.84 (through the VAE: 0.94).
COPY_AT = 0.7
_SIDE, _WINDOW = 64, 8
_POSE_REACH = 0.06  # mean distance of joints, in picture widths, at which half a pose's nearness is gone


@dataclass(frozen=True)
class Reference:
    """A reference as the copy score needs it."""

    image: NDArray[np.uint8]
    seen: Seen | None


@dataclass(frozen=True)
class Likeness:
    """What a picture is like. `rank` 1 means that no look-alike is nearer than the subject."""

    similarity: float
    rank: int
    distance: float | None  # None: no figure could be read
    copy: float
    stranger: float

    @property
    def copied(self) -> bool:
        return self.copy >= COPY_AT


def compare(
    image_HWC: NDArray[np.uint8],
    vector_D: Vector,
    seen: Seen | None,
    references: list[Reference],
    own_D: Vector,
    lookalikes_GD: Vector,
    strangers_GD: Vector,
    truth: Seen | None = None,
) -> Likeness:
    """Return the three numbers. `own_D` is the mean direction of the references; look-alikes are its near twins and those who
    share its named attributes; strangers are the other subjects of the bench; `truth` says who the subject is."""
    similarity = float(vector_D @ own_D)
    rank = 1 + int((lookalikes_GD @ vector_D > similarity).sum())
    distance = identity_distance(seen, truth) if seen is not None and truth is not None else None
    copy = max(copy_nearness(image_HWC, seen, reference) for reference in references)
    return Likeness(similarity, rank, distance, copy, float((strangers_GD @ vector_D).max()))


def likeness_row(likeness: Likeness) -> dict[str, float | int | bool | None]:
    """Return the three numbers as fields."""
    return {
        "similarity": likeness.similarity, "rank": likeness.rank, "first": likeness.rank == 1, "distance": likeness.distance,
        "copy": likeness.copy, "copied": likeness.copied, "stranger": likeness.stranger,
    }  # fmt: skip


def copy_nearness(image_HWC: NDArray[np.uint8], seen: Seen | None, reference: Reference) -> float:
    """Return 0..1: the least of nearness in pose, in crop and in pixels. A copy is near in all three."""
    pixels = pixel_nearness(image_HWC, reference.image)
    if seen is None or reference.seen is None:
        return pixels
    return min(pixels, pose_nearness(seen, reference.seen), crop_nearness(seen.box, reference.seen.box))


def pose_nearness(one: Seen, other: Seen) -> float:
    """Return 1 where every joint that both show is at the same place, 0.5 where they are `_POSE_REACH` apart."""
    both = (one.keypoints[:, 2] > 0.5) & (other.keypoints[:, 2] > 0.5)
    if not both.any():
        return 0.0
    apart = np.linalg.norm(one.keypoints[both, :2] - other.keypoints[both, :2], axis=1).mean()
    return float(1 / (1 + (apart / _POSE_REACH) ** 2))


def crop_nearness(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    """Return the intersection over union of two boxes."""
    low, high = np.maximum(one[:2], other[:2]), np.minimum(one[2:], other[2:])
    shared = float(np.prod(np.clip(high - low, 0, None)))
    return shared / max(float(np.prod(one[2:] - one[:2]) + np.prod(other[2:] - other[:2])) - shared, 1e-9)


def pixel_nearness(one_HWC: NDArray[np.uint8], other_HWC: NDArray[np.uint8]) -> float:
    """Return the structural similarity (Wang et al. 2004) of two pictures at 64 px, in colour, 0 where they are opposed."""
    one, other = _shrink(one_HWC), _shrink(other_HWC)
    mean_one, mean_other = one.mean((1, 3)), other.mean((1, 3))
    spread_one, spread_other = one.var((1, 3)), other.var((1, 3))
    together = (one * other).mean((1, 3)) - mean_one * mean_other
    near = (2 * mean_one * mean_other + 1e-4) * (2 * together + 9e-4)
    score = near / ((mean_one**2 + mean_other**2 + 1e-4) * (spread_one + spread_other + 9e-4))
    return float(max(0.0, score.mean()))


def _shrink(image_HWC: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Return windows (rows, 8, columns, 8, 3) of the picture at 64 px, in 0..1."""
    small = np.asarray(Image.fromarray(image_HWC).resize((_SIDE, _SIDE), Image.Resampling.BOX), np.float64) / 255
    count = _SIDE // _WINDOW
    return small.reshape(count, _WINDOW, count, _WINDOW, 3)


def mean_direction(vectors_RD: Vector) -> Vector:
    """Return the unit vector of the mean of unit vectors."""
    mean = vectors_RD.mean(0)
    return mean / np.linalg.norm(mean)
