"""The report: the bench's file, its rows and its table; and the same claims made again from committed rows."""

import datetime
import json
import os
import platform
from collections.abc import Mapping
from pathlib import Path

from troupe_worker.contracts import BenchClaim, BenchFile

from troupe_bench.bench import Bench
from troupe_bench.claims import holds, judge
from troupe_bench.rows import Row, Rows, read_rows, write_rows


def judge_all(bench: Bench, rows: list[Row], results: Path) -> list[BenchClaim]:
    """Return every claim that the rows speak of."""
    causes_file = results / "causes.json"
    causes = json.loads(causes_file.read_text()).get(bench.name, {}) if causes_file.exists() else {}
    judged = []
    for part in bench.parts:
        own = Rows.of_part(rows, part.name)
        judged += [judge(claim, own, causes) for claim in part.claims if len(own)]
    return [claim for claim in judged if claim is not None]


def write_report(bench: Bench, rows: list[Row], digests: Mapping[str, str], seed: int, results: Path, folder: Path) -> Path:
    """Write `<name>.rows.jsonl.gz`, `<name>.md` and `<name>.json` to `folder`; return the last."""
    folder.mkdir(parents=True, exist_ok=True)
    rows_file = folder / f"{bench.name}.rows.jsonl.gz"
    write_rows(rows_file, rows)
    # Claims are made of what was written, digits cut, so that they can be made of it again.
    claims = judge_all(bench, read_rows(rows_file), results)
    held_out = {part.name for part in bench.parts if part.held_out}
    counted = [row["subject"] for row in rows if row["part"] in held_out]
    used = {name for part in bench.parts for name in part.uses + part.may_use}
    file = BenchFile(
        name=bench.name,
        made_at=datetime.datetime.now(datetime.UTC),
        machine=describe_machine(),
        seed=seed,
        digests={name: digest for name, digest in digests.items() if name in used},
        # A run of chosen claims may meet none that is held out.
        subjects=list(dict.fromkeys(counted or [row["subject"] for row in rows])),
        rows_file=rows_file.name,
        claims=claims,
    )
    (folder / f"{bench.name}.md").write_text(write_table(file))
    path = folder / f"{bench.name}.json"
    path.write_text(
        json.dumps(file.model_dump(mode="json", by_alias=True, exclude_unset=True), indent=2, ensure_ascii=False) + "\n"
    )
    return path


def check_report(bench: Bench, results: Path) -> list[str]:
    """Return a sentence for every claim of a committed file that its rows do not give again."""
    file = BenchFile.model_validate_json((results / f"{bench.name}.json").read_text())
    again = {claim.id: claim for claim in judge_all(bench, read_rows(results / file.rows_file), results)}
    differences = []
    for claim in file.claims:
        made = again.pop(claim.id, None)
        if made is None:
            differences.append(f"{claim.id} is written, and no row speaks of it.")
            continue
        for name in BenchClaim.model_fields:
            is_, should = getattr(claim, name), getattr(made, name)
            if name != "cause" and is_ != should:
                differences.append(f"{claim.id}: {name} is {is_}, the rows give {should}.")
    return differences + [f"{name} is not written, and the rows give it." for name in again]


def write_table(file: BenchFile) -> str:
    """Return the claims as a Markdown table, for the README."""
    lines = [
        f"<!-- Written by `troupe bench {file.name}`: do not edit. -->",
        "| claim | what is said | bar | value | 95 % interval over subjects | n | |",
        "|---|---|---|---|---|---|---|",
    ]
    for claim in file.claims:
        bar = "reported" if claim.bar is None else f"{claim.direction} {claim.bar:.4g}"
        verdict = "" if claim.bar is None else "holds" if holds(claim) else "does not hold"
        value, spread = f"**{claim.value:.4g}** {claim.unit}", f"{claim.low:.4g} … {claim.high:.4g}"
        lines.append(f"| {' | '.join([claim.id, claim.statement, bar, value, spread, str(claim.n), verdict])} |")
    made = file.made_at.date().isoformat()
    lines += ["", f"{len(file.subjects)} subjects, seed {file.seed}, {made}, {file.machine}."]
    for claim in file.claims:
        if not holds(claim):
            lines += ["", f"{claim.id} does not hold: {claim.cause or 'its cause has not been looked for.'}"]
    return "\n".join(lines) + "\n"


def describe_machine() -> str:
    """Name the processor, its cores as this process may use them, and the memory."""
    name = platform.processor() or platform.machine()
    cpu = Path("/proc/cpuinfo")
    if cpu.exists():
        lines = [line for line in cpu.read_text().splitlines() if line.startswith("model name")]
        name = lines[0].partition(": ")[2] if lines else name
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{name}, {len(os.sched_getaffinity(0))} cores, {memory:.0f} GB, Python {platform.python_version()}"
