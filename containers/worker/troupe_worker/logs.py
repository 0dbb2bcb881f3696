"""Logs: one JSON line per fact, with its job. Never prompts, pictures or whole objects."""

import json
import sys
from dataclasses import dataclass


@dataclass(frozen=True)
class Log:
    """Where the facts of one job go. A terminal has the progress bar instead."""

    job: str

    def say(self, event: str, **facts: str | int | float | None) -> None:
        if not sys.stderr.isatty():
            print(json.dumps({"event": event, "jobId": self.job, **facts}), flush=True)
