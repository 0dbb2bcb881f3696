"""Progress: `progress.json` at most once a second, a bar when a person watches, and the seconds that each phase took."""

import sys
import time
from dataclasses import dataclass, field

from tqdm import tqdm

from troupe_worker.contracts import JobProgress
from troupe_worker.storage import Store

SECONDS_BETWEEN_WRITES = 1.0


@dataclass
class Progress:
    """How far one attempt is."""

    store: Store
    key: str
    job: str
    seconds: dict[str, float] = field(default_factory=dict)
    _phase: str = ""
    _began: float = 0.0
    _began_at: int = 0
    _written: float = 0.0
    _bar: tqdm | None = None

    def report(self, phase: str, step: int, of: int) -> None:
        """Say that `step` of `of` steps of a phase are done. A phase may begin in the middle: it was resumed."""
        now = time.monotonic()
        if phase != self._phase:
            self._turn_to(phase, step, of, now)
        self.seconds[phase] = round(now - self._began, 3)
        if self._bar is not None:
            self._bar.update(step - self._bar.n)
        if now - self._written < SECONDS_BETWEEN_WRITES:
            return
        self._written = now
        done = step - self._began_at
        left = round((now - self._began) / done * (of - step), 1) if done else None
        progress = JobProgress(job=self.job, phase=phase, step=step, of=of, seconds_left=left)
        self.store.replace(self.key, progress.model_dump_json(by_alias=True).encode())

    def close(self) -> None:
        if self._bar is not None:
            self._bar.close()

    def _turn_to(self, phase: str, step: int, of: int, now: float) -> None:
        if self._phase:
            self.seconds[self._phase] = round(now - self._began, 3)
        self._phase, self._began, self._began_at = phase, now, step
        self.close()
        if sys.stderr.isatty():
            self._bar = tqdm(desc=phase, total=of, initial=step)
