"""Claims: how a number is made from rows, how sure it is, and whether it holds."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from troupe_worker.contracts import BenchClaim

from troupe_bench.rows import Rows

RESAMPLES = 1000
Measure = Callable[[Rows], float]


@dataclass(frozen=True)
class Claim:
    """One thing said, and how its value is made of the rows that `where` picks. `bar` None: reported only.

    With `against`, the value is the gap between two intervals: the lower end of `measure` less the upper end of `against`
    (turned round for "<="); its own interval is that of the difference on the same resampled subjects."""

    id: str
    statement: str
    direction: Literal[">=", "<="]
    bar: float | None
    unit: str
    measure: Measure
    where: Mapping[str, Any] = field(default_factory=dict)
    against: Measure | None = None


def judge(claim: Claim, rows: Rows, causes: Mapping[str, str]) -> BenchClaim | None:
    """Return the claim with value and 95 % interval over subjects; None where no row speaks of it."""
    about = rows.where(**claim.where)
    if not len(about):
        return None
    picks = _resample(about, claim.id)
    values = [claim.measure(pick) for pick in picks]
    if claim.against is None:
        value, spread = claim.measure(about), values
    else:
        others = [claim.against(pick) for pick in picks]
        spread = [one - other for one, other in zip(values, others, strict=True)]
        (low, high), (other_low, other_high) = _interval(values), _interval(others)
        value = low - other_high if claim.direction == ">=" else high - other_low
    low, high = _interval(spread)
    holds = claim.bar is None or (_round(value) >= claim.bar if claim.direction == ">=" else _round(value) <= claim.bar)
    return BenchClaim(
        id=claim.id,
        statement=claim.statement,
        direction=claim.direction,
        bar=claim.bar,
        value=_round(value),
        low=_round(low),
        high=_round(high),
        n=len(about),
        unit=claim.unit,
        **({} if holds or claim.id not in causes else {"cause": causes[claim.id]}),
    )


def holds(claim: BenchClaim) -> bool:
    """Whether the value lies where the bar wants it."""
    return claim.bar is None or (claim.value >= claim.bar if claim.direction == ">=" else claim.value <= claim.bar)


def _resample(rows: Rows, name: str) -> list[Rows]:
    """Return draws of as many subjects, with replacement; the claim's name decides them, so they can be drawn again."""
    groups: dict[str, list[int]] = {}
    for index, subject in enumerate(rows["subject"]):
        groups.setdefault(subject, []).append(index)
    members = [np.array(group) for group in groups.values()]
    rng = np.random.Generator(np.random.PCG64(int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big")))
    draws = rng.integers(len(members), size=(RESAMPLES, len(members)))
    needed = Rows({key: column for key, column in rows.columns.items() if key not in ("subject", "part")})
    return [needed.take(np.concatenate([members[index] for index in draw])) for draw in draws]


def _interval(values: list[float]) -> tuple[float, float]:
    low, high = np.nanpercentile(values, (2.5, 97.5))
    return float(low), float(high)


def _round(value: float) -> float:
    return float(f"{value:.6g}")
