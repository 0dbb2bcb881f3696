"""Logs: one JSON line per fact, with its job. Never prompts, pictures or whole objects."""

import json
import sys
from dataclasses import dataclass

from tqdm import tqdm


@dataclass(frozen=True)
class Log:
    """Where the facts of one job go: to whoever collects lines, or in a person's words beside the progress bar."""

    job: str

    def say(self, event: str, **facts: str | int | float | None) -> None:
        if sys.stderr.isatty():
            tqdm.write(f"{event}  {', '.join(f'{name} {value}' for name, value in facts.items())}", file=sys.stderr)
        else:
            print(json.dumps({"event": event, "jobId": self.job, **facts}), flush=True)
