"""What a training says of itself: a bar when a person watches, JSON lines otherwise."""

import json
import sys
import time

from tqdm import tqdm


class Reporter:
    """Report progress of the training `name`, from 0 to 1, with the seconds left, at most every `every_seconds`."""

    def __init__(self, name: str, every_seconds: float = 15.0) -> None:
        self._name, self._every_seconds = name, every_seconds
        self._bar = (
            tqdm(total=1000, desc=name, bar_format="{desc} {percentage:3.0f}%|{bar}| {postfix}") if sys.stderr.isatty() else None
        )
        self._last = 0.0

    def report(self, progress: float, seconds_left: float, **figures: float | int) -> None:
        """Say where the training is, unless it was said just now."""
        now = time.monotonic()
        if now - self._last < (0.5 if self._bar else self._every_seconds) and progress < 1:
            return
        self._last = now
        rounded = {key: round(value, 4) for key, value in figures.items()}
        if self._bar is not None:
            self._bar.n = round(progress * 1000)
            self._bar.set_postfix(left=f"{seconds_left:.0f}s", **rounded)
            return
        line = {"event": "training.progress", "training": self._name, "progress": round(progress, 4)}
        print(json.dumps(line | {"secondsLeft": round(seconds_left)} | rounded), flush=True)

    def say(self, event: str, **figures: float | int | str) -> None:
        """Print one fact as a JSON line."""
        tqdm.write(json.dumps({"event": event, "training": self._name} | figures))
        sys.stdout.flush()
