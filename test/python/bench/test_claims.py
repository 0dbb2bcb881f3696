"""What a claim is worth: its value from rows, its interval over subjects, its cause when it does not hold."""

import numpy as np
import pytest
from troupe_bench.claims import Claim, holds, judge
from troupe_bench.measures import auc, less, mean, missing, rejects_at
from troupe_bench.rows import Rows


def _rows(values: dict[str, list[float]]) -> Rows:
    return Rows.of([{"subject": name, "right": value} for name, group in values.items() for value in group])


def _claim(bar: float | None = 0.9, **changes) -> Claim:
    return Claim(
        **(
            {"id": "X1", "statement": "it is right", "direction": ">=", "bar": bar, "unit": "share", "measure": mean("right")}
            | changes
        )
    )


def test_a_claim_that_misses_its_bar_keeps_its_cause_and_one_that_holds_has_none():
    rows = _rows({"a": [1, 1], "b": [1, 0]})
    missed = judge(_claim(0.9), rows, {"X1": "b is hard"})
    assert (missed.value, missed.n, missed.cause, holds(missed)) == (0.75, 4, "b is hard", False)
    held = judge(_claim(0.7), rows, {"X1": "b is hard"})
    assert holds(held) and held.cause is None


def test_the_interval_resamples_subjects_and_not_rows():
    # Ten subjects that agree with themselves: a hundred rows know no more than ten.
    rng = np.random.Generator(np.random.PCG64(1))
    marks = rng.integers(2, size=40).astype(float)
    wide = judge(_claim(None), _rows({str(i): [mark] * 25 for i, mark in enumerate(marks)}), {})
    narrow = judge(_claim(None), _rows({f"{i}-{j}": [mark] for i, mark in enumerate(marks) for j in range(25)}), {})
    assert wide.value == narrow.value
    assert wide.high - wide.low > 3 * (narrow.high - narrow.low)
    assert wide.low < marks.mean() < wide.high


def test_the_same_rows_give_the_same_interval():
    rows = _rows({str(i): [i % 3] for i in range(30)})
    assert judge(_claim(), rows, {}) == judge(_claim(), rows, {})


def test_intervals_apart_is_a_gap_and_touching_ones_have_none():
    rng = np.random.Generator(np.random.PCG64(2))
    near, far = rng.normal(0.5, 0.1, 60), rng.normal(0.9, 0.1, 60)
    rows = Rows.of([{"subject": str(i), "mine": b, "theirs": a} for i, (a, b) in enumerate(zip(near, far, strict=True))])
    apart = judge(_claim(0.0, measure=mean("mine"), against=mean("theirs")), rows, {})
    assert 0.25 < apart.value < apart.low < apart.high and holds(apart)
    assert not holds(judge(_claim(0.0, measure=mean("mine"), against=mean("mine")), rows, {}))


def test_no_row_no_claim():
    assert judge(_claim(where={"framing": "portrait"}), _rows({"a": [1]}), {}) is None


def test_measures():
    rows = Rows.of([{"subject": str(i), "same": 0.5 + i / 10, "others": [0.1, 0.2, 0.55]} for i in range(4)])
    assert auc("same", "others")(rows) == (2 + 3 + 3 + 3) / 12
    assert rejects_at("same", "others", 0.3)(rows) == 0.25
    assert rejects_at("same", "others", 0.34)(rows) == 0
    counted = Rows.of(
        [{"subject": "a", "wrong": 1, "of": 4, "wrongHere": 2}, {"subject": "b", "wrong": 0, "of": 6, "wrongHere": 0}]
    )
    assert missing("wrong", "of")(counted) == 0.9
    assert less(missing("wrong", "of"), missing("wrongHere", "of"), 100)(counted) == pytest.approx(10)
