"""Kills the worker at one of its writes: a process of its own that ends itself, so that no moment is missed on a slow machine."""

import contextlib
import os
import signal
from collections.abc import Iterator
from pathlib import Path

from troupe_worker.__main__ import main
from troupe_worker.storage import FolderStore
from worker.library import Library, processes


class Moment:
    """A kill `before` a write, `within` it (written, and not yet in its place) or `after` it; writes are counted from 1."""

    def __init__(self, write: int, when: str) -> None:
        self.write, self.when = write, when
        self.count = 0

    def reached(self, when: str) -> None:
        if (self.count, when) == (self.write, self.when):
            os.kill(os.getpid(), signal.SIGKILL)


def watch(moment: Moment) -> None:
    """Let every write of this process's folders pass by `moment`."""
    written = FolderStore._written

    @contextlib.contextmanager
    def watched(self: FolderStore, key: str, content: bytes) -> Iterator[Path]:
        # Progress is written by the clock, and nothing is read from it.
        moment.count += not key.endswith("progress.json")
        moment.reached("before")
        try:
            with written(self, key, content) as temporary:
                moment.reached("within")
                yield temporary
        finally:
            # Also of a write that found its object there.
            moment.reached("after")

    FolderStore._written = watched


def work(verb: str, address: str, environment: dict[str, str], moment: Moment, counts: Path | None) -> None:
    """Run the worker as a process that is killed at its moment."""
    os.environ.update(environment)
    watch(moment)
    code = main([verb, "--job", address])
    if counts is not None:
        counts.write_text(str(moment.count))
    raise SystemExit(code)


def run(library: Library, verb: str, job: str, attempt: int, moment: Moment, counts: Path | None = None) -> int | None:
    """Return the exit code of one attempt; -9 when it was killed."""
    environment = library.environment(AWS_BATCH_JOB_ATTEMPT=str(attempt))
    process = processes.Process(target=work, args=(verb, library.address(job), environment, moment, counts))
    process.start()
    process.join(180)
    return process.exitcode
