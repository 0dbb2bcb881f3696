"""How far apart two identities are, in the truth's own units: one clear step of one unnamed trait is a distance of 1."""

from collections.abc import Mapping

import numpy as np
from paperdoll.sight.names import LASTING

from troupe_bench.sight import Seen

STEP = 1.2  # of a number trait: what tells a near-twin from the subject
# Two readings nearer than this are called the same subject: where, on validation subjects, as many pictures of one subject
# fall beyond it as pictures of a namesake (every named attribute alike) fall within.
SAME_WITHIN = 1.75


def identity_distance(one: Seen, other: Seen) -> float:
    """Return the root of the sum of squared steps: named attributes and unnamed choices that differ count one step each."""
    words = sum(one.words[name] != other.words[name] for name in LASTING if name in one.words and name in other.words)
    choices = sum(one.choices[name] != other.choices[name] for name in one.choices.keys() & other.choices.keys())
    numbers = _difference(one.numbers, other.numbers)
    return float(np.sqrt(words + choices + numbers))


def _difference(one: Mapping[str, float], other: Mapping[str, float]) -> float:
    return sum(((one[name] - other[name]) / STEP) ** 2 for name in one.keys() & other.keys())


def count_distinct(seen: list[Seen], within: float = SAME_WITHIN) -> int:
    """Return how many identities these are: each is new when it is the same as none counted before it."""
    counted: list[Seen] = []
    for figure in seen:
        if all(identity_distance(figure, other) > within for other in counted):
            counted.append(figure)
    return len(counted)
