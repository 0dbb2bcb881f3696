"""What a bench is: parts, each with the claims that its rows decide. A bench's module has `BENCH`."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from troupe_bench.claims import Claim
from troupe_bench.rows import Row


@dataclass(frozen=True)
class Unit:
    """The least that is measured in one go and kept when a run breaks off: a subject, or a handful of pictures."""

    name: str
    index: int


@dataclass(frozen=True)
class Part:
    """Some units and what is said of them. Quick runs measure the first units only, so a full run goes on from them.

    `measure(unit, kit, seed)` returns the unit's rows. What decides them names the folder where they are kept: the digests that
    `uses` names (`may_use`: where they are there), `plan` for settings, and `version`, raised when the code changes. What is
    `timed` is measured anew by every run. Rows that are not `held_out`, of validation subjects or of no subject, are not
    counted among the bench's subjects."""

    name: str
    measure: Callable[[Unit, Any, int], list[Row]]
    claims: tuple[Claim, ...]
    units: int
    quick_units: int
    uses: tuple[str, ...]
    may_use: tuple[str, ...] = ()
    version: int = 1
    plan: str = ""
    timed: bool = False
    held_out: bool = True

    def list_units(self, quick: bool) -> list[Unit]:
        """Return the units in order."""
        return [Unit(f"{index:04}", index) for index in range(self.quick_units if quick else self.units)]


@dataclass(frozen=True)
class Bench:
    """One bench. `make_kit(scratch)` opens what it measures with: it has `digests()`, name -> sha256."""

    name: str
    parts: tuple[Part, ...]
    make_kit: Callable[[Path], Any]
    draw_pictures: Callable[[Path, list[Row], Any, int], None] = field(default=lambda folder, rows, kit, seed: None)

    @property
    def claims(self) -> list[Claim]:
        return [claim for part in self.parts for claim in part.claims]
