"""A bench's run: goes on where it broke off, forgets what was measured with other things, and can be checked from its rows."""

import json
import os
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from troupe_bench.bench import Bench, Part
from troupe_bench.benches import BENCHES
from troupe_bench.claims import Claim
from troupe_bench.measures import mean
from troupe_bench.report import check_report, write_report
from troupe_bench.rows import Row, read_rows, unpack, write_rows
from troupe_bench.work import Asked, choose_parts, measure_parts

from bench import shared_work


@dataclass
class _Kit:
    digest: str = "a" * 64

    def digests(self) -> dict[str, str]:
        return {"model": self.digest, "unused": "0" * 64}


class _Counter:
    """A part that counts what is asked of it and may break."""

    def __init__(self, breaks_at: int | None = None) -> None:
        self.asked, self.breaks_at = [], breaks_at

    def __call__(self, unit, kit, seed):
        if unit.index == self.breaks_at:
            raise KeyboardInterrupt
        self.asked.append(unit.index)
        return [{"subject": f"s{unit.index}", "score": unit.index / 3 + seed}]


def _bench(measure) -> Bench:
    claim = Claim("X1", "the mean", ">=", 100.0, "points", mean("score"))
    part = Part("first", measure, (claim,), units=5, quick_units=2, uses=("model",))
    return Bench("tried", (part, replace(part, name="second", claims=(replace(claim, id="X2"),))), lambda scratch: _Kit())


def _measure(measure, tmp_path: Path, asked: Asked, kit: _Kit | None = None):
    bench = _bench(measure)
    return measure_parts(bench, choose_parts(bench, asked.only), kit or _Kit(), tmp_path / "rows", asked, quiet=True)


def test_a_broken_run_goes_on_and_gives_the_rows_of_an_unbroken_one(tmp_path: Path):
    whole = _measure(_Counter(), tmp_path / "whole", Asked(seed=1))
    with pytest.raises(KeyboardInterrupt):
        _measure(_Counter(breaks_at=3), tmp_path, Asked(seed=1))
    second = _Counter()
    assert _measure(second, tmp_path, Asked(seed=1)) == whole
    assert second.asked == [3, 4, 0, 1, 2, 3, 4]


def test_what_is_timed_or_planned_otherwise_is_measured_again(tmp_path: Path):
    def measure(**changes) -> list[int]:
        counter = _Counter()
        bench = _bench(counter)
        measure_parts(bench, [replace(bench.parts[0], **changes)], _Kit(), tmp_path / "rows", Asked(seed=1), quiet=True)
        return counter.asked

    every = [0, 1, 2, 3, 4]
    assert measure() == every and measure() == []
    assert measure(plan="other settings") == every and measure(version=2) == every
    assert measure(timed=True) == every and measure(timed=True) == every


def test_processes_share_units_after_what_is_timed_and_a_broken_one_keeps_the_others(tmp_path: Path, monkeypatch):
    monkeypatch.setitem(BENCHES, "shared", shared_work.__name__)
    bench, kit = shared_work.BENCH, shared_work.BareKit(tmp_path)

    def ask() -> list[Row]:
        return measure_parts(bench, list(bench.parts), kit, tmp_path / "rows", Asked(seed=1), jobs=2, quiet=True)

    (tmp_path / "break").touch()
    with pytest.raises(ValueError, match="unit 3 is broken"):
        ask()
    (alone,) = (tmp_path / "rows/shared/alone").glob("*/*.jsonl")
    assert unpack(alone.read_text())[0]["before"]
    kept = {path: path.read_bytes() for path in (tmp_path / "rows/shared/together").glob("*/*.jsonl")}
    assert {"0000.jsonl"} <= {path.name for path in kept} and "0003.jsonl" not in {path.name for path in kept}
    (tmp_path / "break").unlink()
    rows = ask()
    assert [row["subject"] for row in rows] == ["s0", "s1", "s2", "s3", "s4", "s5", "none"]
    assert len({row["process"] for row in rows[:6]} - {os.getpid()}) >= 2
    assert rows[6]["process"] == os.getpid()
    assert {path: path.read_bytes() for path in kept} == kept


@pytest.mark.parametrize(
    ("asked", "kit", "again"),
    [
        (Asked(seed=1), _Kit(), []),
        (Asked(seed=2), _Kit(), [0, 1, 2, 3, 4]),
        (Asked(seed=1), _Kit("b" * 64), [0, 1, 2, 3, 4]),
        (Asked(seed=1, fresh=True), _Kit(), [0, 1, 2, 3, 4]),
    ],
)
def test_only_what_was_measured_with_the_same_is_kept(tmp_path: Path, asked: Asked, kit: _Kit, again: list[int]):
    _measure(_Counter(), tmp_path, Asked(seed=1))
    counter = _Counter()
    _measure(counter, tmp_path, replace(asked, only=("X1",)), kit)
    assert counter.asked == again


def test_a_full_run_goes_on_from_a_quick_one(tmp_path: Path):
    _measure(_Counter(), tmp_path, Asked(seed=1, quick=True, only=("X2",)))
    counter = _Counter()
    assert len(_measure(counter, tmp_path, Asked(seed=1, only=("X2",)))) == 5
    assert counter.asked == [2, 3, 4]


def test_a_claim_that_nobody_makes_is_refused():
    with pytest.raises(ValueError, match="no claim X9; there are X1, X2"):
        choose_parts(_bench(_Counter()), ("X1", "X9"))


def test_a_report_is_made_again_from_its_rows_and_a_changed_value_is_found(tmp_path: Path):
    bench = _bench(_Counter())
    rows = _measure(_Counter(), tmp_path, Asked(seed=1))
    (tmp_path / "causes.json").write_text(json.dumps({"tried": {"X1": "seeds are small"}}))
    path = write_report(bench, rows, _Kit().digests(), 1, tmp_path, tmp_path)
    written = json.loads(path.read_text())
    assert written["digests"] == {"model": "a" * 64}
    assert written["claims"][0]["cause"] == "seeds are small" and "cause" not in written["claims"][1]
    assert check_report(bench, tmp_path) == []
    assert "X1 does not hold: seeds are small" in (tmp_path / "tried.md").read_text()
    written["claims"][1]["high"] += 0.5
    path.write_text(json.dumps(written))
    assert [line.split(" is ")[0] for line in check_report(bench, tmp_path)] == ["X2: high"]
    write_rows(tmp_path / "tried.rows.jsonl.gz", read_rows(tmp_path / "tried.rows.jsonl.gz")[:7])
    assert any(line.startswith("X2: n is 5, the rows give 2") for line in check_report(bench, tmp_path))


def test_a_run_of_chosen_claims_that_meets_nobody_held_out_is_reported(tmp_path: Path):
    bench = _bench(_Counter())
    bench = replace(bench, parts=(replace(bench.parts[0], held_out=False), bench.parts[1]))
    rows = measure_parts(bench, choose_parts(bench, ("X1",)), _Kit(), tmp_path / "rows", Asked(seed=1, only=("X1",)), quiet=True)
    path = write_report(bench, rows, _Kit().digests(), 1, tmp_path, tmp_path)
    assert json.loads(path.read_text())["subjects"] == ["s0", "s1", "s2", "s3", "s4"]


def test_the_same_rows_are_the_same_bytes(tmp_path: Path):
    rows = [{"subject": "a", "part": "p", "x": 1 / 3, "list": [0.1, 2]}]
    write_rows(tmp_path / "one", rows)
    write_rows(tmp_path / "two", read_rows(tmp_path / "one"))
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
