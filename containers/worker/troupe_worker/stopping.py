"""Stopping: what SIGTERM does. Every write is whole or absent, so a process may leave at once, unless a loop can save more."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType


class Stopped(BaseException):
    """The process was told to end. Not an `Exception`: it may rise anywhere, and no library may swallow it."""


@dataclass
class StopSignal:
    """Whether the process was told to end, and whether somebody will see to it."""

    wanted: bool = False
    patient: bool = False

    def listen(self) -> None:
        signal.signal(signal.SIGTERM, self._hear)

    @contextmanager
    def patience(self) -> Iterator[None]:
        """While this lasts the signal only sets `wanted`, and the loop inside looks at it every step (seconds)."""
        self.patient = True
        try:
            yield
        finally:
            self.patient = False
        if self.wanted:
            raise Stopped

    def _hear(self, number: int, frame: FrameType | None) -> None:
        self.wanted = True
        if not self.patient:
            raise Stopped
