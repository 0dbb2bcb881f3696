"""Measures: what claims make of columns. Each returns a function of rows."""

import numpy as np

from troupe_bench.claims import Measure
from troupe_bench.rows import Rows


def mean(name: str) -> Measure:
    """The mean of a column; shares are means of yes and no."""
    return lambda rows: float(np.nanmean(rows[name]))


def median(name: str) -> Measure:
    return lambda rows: float(np.nanmedian(rows[name]))


def ratio(above: str, below: str) -> Measure:
    """The sum of one column over the sum of another: a share of parts, however many parts a row has."""
    return lambda rows: float(np.nansum(rows[above]) / max(np.nansum(rows[below]), 1e-9))


def missing(wrong: str, of: str) -> Measure:
    """The share that is not wrong."""
    return lambda rows: 1 - ratio(wrong, of)(rows)


def less(one: Measure, other: Measure, scale: float = 1.0) -> Measure:
    """The difference of two measures of the same rows."""
    return lambda rows: scale * (one(rows) - other(rows))


def auc(same: str, others: str) -> Measure:
    """How often a score of the same subject (N,) is above one of another (N, K), ties by half."""

    def measure(rows: Rows) -> float:
        mine, theirs = np.sort(rows[same]), np.sort(rows[others].ravel())
        below = np.searchsorted(theirs, mine, "left") + np.searchsorted(theirs, mine, "right")
        return float(below.mean() / 2 / len(theirs))

    return measure


def rejects_at(same: str, others: str, false_accepts: float) -> Measure:
    """The share of same-subject scores (N,) below the threshold that lets this share of others (N, K) through."""

    def measure(rows: Rows) -> float:
        theirs = np.sort(rows[others].ravel())
        threshold = theirs[len(theirs) - 1 - int(len(theirs) * false_accepts)]
        return float((rows[same] <= threshold).mean())

    return measure
