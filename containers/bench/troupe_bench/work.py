"""Work: every unit measured once, kept at once, and never measured again while what it was measured with stays the same."""

import hashlib
import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tqdm import tqdm

from troupe_bench.bench import Bench, Part
from troupe_bench.rows import Row, pack, unpack


@dataclass(frozen=True)
class Asked:
    """How a bench is to be run; `only` are ids of claims, none for all."""

    seed: int
    quick: bool = False
    only: tuple[str, ...] = ()
    fresh: bool = False


def choose_parts(bench: Bench, only: tuple[str, ...]) -> list[Part]:
    """Return the parts that decide these claims; a claim that nobody makes is refused."""
    unknown = set(only) - {claim.id for claim in bench.claims}
    if unknown:
        known = ", ".join(claim.id for claim in bench.claims)
        raise ValueError(f"{bench.name} has no claim {', '.join(sorted(unknown))}; there are {known}")
    return [part for part in bench.parts if not only or any(claim.id in only for claim in part.claims)]


def measure_parts(bench: Bench, parts: list[Part], kit: Any, scratch: Path, asked: Asked, quiet: bool = False) -> list[Row]:
    """Return the rows of these parts in order, from what is kept below `scratch` and what is measured now."""
    folders = {part.name: _open_part(bench, part, kit.digests(), scratch, asked) for part in parts}
    work = [(part, unit) for part in parts for unit in part.list_units(asked.quick)]
    rows: list[Row] = []
    with tqdm(total=len(work), unit="unit", disable=quiet or None, desc=bench.name, smoothing=0.1) as bar:
        for part, unit in work:
            bar.set_postfix_str(part.name, refresh=False)
            kept = folders[part.name] / f"{unit.name}.jsonl"
            if not kept.exists():
                found = [{"part": part.name, **row} for row in part.measure(unit, kit, asked.seed)]
                # Whole or not there: a run may be killed at any moment.
                kept.with_suffix(".part").write_text(pack(found))
                kept.with_suffix(".part").rename(kept)
            rows += unpack(kept.read_text())
            bar.update()
    return rows


def _open_part(bench: Bench, part: Part, digests: Mapping[str, str], scratch: Path, asked: Asked) -> Path:
    models = {name: digests[name] for name in part.uses} | {name: digests.get(name) for name in part.may_use}
    decided_by = [asked.seed, part.version, part.plan, models]
    key = hashlib.sha256(json.dumps(decided_by, sort_keys=True).encode()).hexdigest()[:16]
    folder = scratch / bench.name / part.name / key
    if asked.fresh or part.timed:  # another machine, or this one beside other work, would be reported as today's
        shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    return folder
