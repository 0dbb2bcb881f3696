"""`python -m troupe_bench run|check <name>`, `label`, `threshold`: answers on stdout, progress on stderr.

`troupe bench` starts it."""

import argparse
import json
import sys
from pathlib import Path

import torch
from troupe_worker.models import pick_device, settle_process

from troupe_bench.benches import BENCHES, find_bench
from troupe_bench.report import check_report, write_report
from troupe_bench.rows import read_rows
from troupe_bench.work import Asked, choose_parts, measure_parts

RESULTS, SCRATCH = Path("bench"), Path(".bench")


def _run(args: argparse.Namespace) -> None:
    settle_process()
    bench = find_bench(args.name)
    asked = Asked(args.seed, args.quick, tuple(args.only), args.fresh)
    kit = bench.make_kit(SCRATCH)
    chosen = choose_parts(bench, asked.only)
    parts = [part for part in chosen if not set(part.uses) - kit.digests().keys()]
    for part in chosen:
        if part not in parts:
            missing = ", ".join(sorted(set(part.uses) - kit.digests().keys()))
            print(json.dumps({"event": "bench.part.skipped", "part": part.name, "missing": missing}), file=sys.stderr)
    jobs = torch.get_num_threads() if pick_device() == "cpu" else 1
    rows = measure_parts(bench, parts, kit, SCRATCH / "rows", asked, jobs)
    whole = not asked.quick and parts == list(bench.parts)
    # A committed result is a whole one.
    folder = RESULTS if whole else SCRATCH / "results"
    path = write_report(bench, rows, kit.digests(), asked.seed, RESULTS, folder)
    bench.draw_pictures(folder, read_rows(folder / f"{bench.name}.rows.jsonl.gz"), kit, asked.seed)
    print(path)


def _check(args: argparse.Namespace) -> None:
    for difference in check_report(find_bench(args.name), RESULTS):
        print(difference)


def _label(args: argparse.Namespace) -> None:
    from troupe_bench.base.labels import make_sheets
    from troupe_bench.kit import Kit

    settle_process()
    for path in make_sheets(Kit(SCRATCH), args.seed, SCRATCH / "labels"):
        print(path)


def _threshold(args: argparse.Namespace) -> None:
    from troupe_bench.base.oracle import find_threshold
    from troupe_bench.kit import Kit

    print(json.dumps(find_threshold(Kit(SCRATCH), args.seed)))


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="troupe_bench", description=__doc__)
    commands = parser.add_subparsers(required=True)
    run = commands.add_parser("run", help="measure, and write the results")
    run.set_defaults(run=_run)
    run.add_argument("name", choices=BENCHES)
    run.add_argument("--seed", type=int, default=20_261_126)
    run.add_argument("--quick", action="store_true")
    run.add_argument("--only", action="append", default=[], metavar="CLAIM")
    run.add_argument("--fresh", action="store_true", help="forget what an earlier run has measured")
    check = commands.add_parser("check", help="make every value again from the committed rows")
    check.set_defaults(run=_check)
    check.add_argument("name", choices=BENCHES)
    label = commands.add_parser("label", help="make numbered sheets to be labelled by eye; answers go to bench/labels.json")
    label.set_defaults(run=_label)
    label.add_argument("--seed", type=int, default=20_261_126)
    threshold = commands.add_parser("threshold", help="print the oracle's distance for “same”, on validation subjects")
    threshold.set_defaults(run=_threshold)
    threshold.add_argument("--seed", type=int, default=20_261_126)
    return parser.parse_args()


if __name__ == "__main__":
    arguments = _parse()
    try:
        arguments.run(arguments)
    except (ValueError, FileNotFoundError) as error:
        print(json.dumps({"event": "bench.refused", "reason": str(error)}), file=sys.stderr)
        sys.exit(2)
