"""A bench that can be found by the name of its module, as processes that measure for others find theirs."""

import os
import time
from dataclasses import dataclass
from pathlib import Path

from troupe_bench.bench import Bench, Part
from troupe_bench.claims import Claim
from troupe_bench.measures import mean


@dataclass
class BareKit:
    scratch: Path
    digest: str = "a" * 64

    def digests(self) -> dict[str, str]:
        return {"model": self.digest, "unused": "0" * 64}


def _measure(unit, kit, seed):
    if (kit.scratch / "break").exists() and unit.index == 3:
        raise ValueError("unit 3 is broken")
    # Nobody ends before another has begun, so that one process alone would not get through all.
    (kit.scratch / f"begun-{os.getpid()}").touch()
    until = time.monotonic() + 60
    while len(list(kit.scratch.glob("begun-*"))) < 2 and time.monotonic() < until:
        time.sleep(0.01)
    return [{"subject": f"s{unit.index}", "score": unit.index / 3 + seed, "process": os.getpid()}]


def _measure_alone(unit, kit, seed):
    return [{"subject": "none", "score": 1.0, "process": os.getpid(), "before": not list(kit.scratch.glob("begun-*"))}]


_CLAIM = Claim("X1", "the mean", ">=", 100.0, "points", mean("score"))
BENCH = Bench(
    "shared",
    (
        Part("together", _measure, (_CLAIM,), units=6, quick_units=2, uses=("model",)),
        Part("alone", _measure_alone, (), units=1, quick_units=1, uses=("model",), timed=True),
    ),
    BareKit,
)
