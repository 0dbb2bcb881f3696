"""`python -m troupe_worker <verb> --job <address>`: exit 0 done, 75 run it again, 42 it can never succeed."""

import argparse
import os
import sys

from troupe_worker.stopping import StopSignal


def main(arguments: list[str] | None = None) -> int:
    # Listen first: a process told to end while it still imports has nothing to save.
    stop = StopSignal()
    stop.listen()
    # Before torch is loaded: threads that sleep while they wait. Spinning ones made a busy machine six times slower.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")  # it misses torchvision, and needs none here
    from troupe_worker.jobs import VERBS, run_job

    parser = argparse.ArgumentParser(prog="troupe_worker", description=__doc__)
    parser.add_argument("verb", choices=sorted(VERBS))
    parser.add_argument("--job", required=True, help="the job file: a path or s3://…, ending in jobs/<job>/job.json")
    parser.add_argument("--epoch", type=int, default=1, help="the epoch that was given with the job; a higher one takes over")
    asked = parser.parse_args(arguments)
    try:
        return run_job(asked.verb, asked.job, asked.epoch, stop)
    except ValueError as error:
        parser.error(str(error))


if __name__ == "__main__":
    sys.exit(main())
