"""Work: every unit measured once, kept at once, and never measured again while what it was measured with stays the same."""

import hashlib
import json
import shutil
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from importlib import import_module
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import torch
from tqdm import tqdm
from troupe_worker.models import settle_process

from troupe_bench.bench import Bench, Part, Unit
from troupe_bench.benches import BENCHES
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


def measure_parts(
    bench: Bench, parts: list[Part], kit: Any, scratch: Path, asked: Asked, jobs: int = 1, quiet: bool = False
) -> list[Row]:
    """Return the rows of these parts in order, from what is kept below `scratch` and what is measured now: by `jobs` processes
    side by side, each with its share of the cores, after what is timed, which has the machine for itself."""
    folders = {part.name: _open_part(bench, part, kit.digests(), scratch, asked) for part in parts}
    work = [(part, unit, folders[part.name] / f"{unit.name}.jsonl") for part in parts for unit in part.list_units(asked.quick)]
    missing = [task for task in work if not task[2].exists()]
    alone = [task for task in missing if jobs == 1 or task[0].timed]
    shared = [task for task in missing if jobs > 1 and not task[0].timed]
    with tqdm(total=len(work), initial=len(work) - len(missing), unit="unit", disable=quiet or None, desc=bench.name) as bar:
        for part, unit, kept in alone:
            bar.set_postfix_str(part.name, refresh=False)
            _measure(part, unit, kit, asked.seed, kept)
            bar.update()
        for name in _share_out(bench, shared, kit.scratch, asked.seed, jobs) if shared else ():
            bar.set_postfix_str(name, refresh=False)
            bar.update()
    return [row for _, _, kept in work for row in unpack(kept.read_text())]


def _measure(part: Part, unit: Unit, kit: Any, seed: int, kept: Path) -> None:
    found = [{"part": part.name, **row} for row in part.measure(unit, kit, seed)]
    # Whole or not there: a run may be killed at any moment.
    kept.with_suffix(".part").write_text(pack(found))
    kept.with_suffix(".part").rename(kept)


def _share_out(bench: Bench, tasks: list[tuple[Part, Unit, Path]], scratch: Path, seed: int, jobs: int) -> Iterator[str]:
    """Measure tasks in processes of their own and yield the part of each that is done. A step of a tuning has few rows: two
    tunings on a core each take 0.61 to 0.69 of the time that they take one after the other on two cores, drawings 0.9."""
    threads = max(1, torch.get_num_threads() // jobs)
    # A fork of a process that has threads may hang.
    pool = ProcessPoolExecutor(jobs, get_context("spawn"), _open_process, (BENCHES[bench.name], scratch, threads))
    try:
        waiting = {pool.submit(_measure_there, part.name, unit, seed, kept): part.name for part, unit, kept in tasks}
        for done in as_completed(waiting):
            done.result()
            yield waiting[done]
    finally:
        pool.shutdown(cancel_futures=True)


_there: tuple[Bench, Any]  # of a process that measures for another: parts and kits hold what cannot be sent


def _open_process(module: str, scratch: Path, threads: int) -> None:
    global _there
    settle_process()
    torch.set_num_threads(threads)
    bench = import_module(module).BENCH
    _there = bench, bench.make_kit(scratch)


def _measure_there(name: str, unit: Unit, seed: int, kept: Path) -> None:
    bench, kit = _there
    part = next(part for part in bench.parts if part.name == name)
    _measure(part, unit, kit, seed, kept)


def _open_part(bench: Bench, part: Part, digests: Mapping[str, str], scratch: Path, asked: Asked) -> Path:
    models = {name: digests[name] for name in part.uses} | {name: digests.get(name) for name in part.may_use}
    decided_by = [asked.seed, part.version, part.plan, models]
    key = hashlib.sha256(json.dumps(decided_by, sort_keys=True).encode()).hexdigest()[:16]
    folder = scratch / bench.name / part.name / key
    if asked.fresh or part.timed:  # another machine, or this one beside other work, would be reported as today's
        shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    return folder
