"""Learning a subject by a method of the worker, with the seconds it took, in memory."""

import time
from collections.abc import Iterator
from dataclasses import dataclass

from troupe_worker.adapters import Adapter
from troupe_worker.checkpoints import Checkpoints
from troupe_worker.methods import find_method
from troupe_worker.models import BaseModel
from troupe_worker.settings import read_settings
from troupe_worker.stopping import StopSignal
from troupe_worker.storage import ExistsError, MissingError
from troupe_worker.subjects import Reference, Subject
from troupe_worker.training import Encode, Session

from troupe_bench.oneactor.plan import TOKEN, SettingValues

NAME = "subject"


class MemoryStore:
    """Objects in memory, for checkpoints that outlive a call and no more."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}

    def read(self, key: str) -> bytes:
        if key not in self.objects:
            raise MissingError(key)
        return self.objects[key]

    def list(self, prefix: str) -> list[str]:
        return sorted(key for key in self.objects if key.startswith(prefix))

    def create(self, key: str, content: bytes) -> None:
        if key in self.objects:
            raise ExistsError(key)
        self.objects[key] = content

    def replace(self, key: str, content: bytes) -> None:
        self.objects[key] = content


@dataclass(frozen=True)
class Learnt:
    """What a method knows after `steps` steps, and the seconds that all of it took until then."""

    method: str
    adapter: Adapter
    steps: int
    seconds: float


def learn(
    base: BaseModel,
    method: str,
    noun: str,
    references: list[Reference],
    asked: SettingValues,
    marks: tuple[int, ...],
    encode: Encode | None = None,
) -> Iterator[Learnt]:
    """Tune once and yield what is known at each mark. Going on from a checkpoint is exact, so the last is an unbroken run's."""
    module, store, seconds = find_method(method, "tune"), MemoryStore(), 0.0
    defaults = module.DEFAULTS[base.ref.family]
    for mark in marks:
        settings = read_settings(defaults, {**asked, "steps": mark})
        checkpoints = Checkpoints(store, "", lambda: None)
        session = Session(lambda phase, step, of: None, checkpoints, StopSignal(), encode)
        began = time.perf_counter()
        adapter, _ = module.tune(base, Subject(NAME, noun, TOKEN, references), settings, session)
        seconds += time.perf_counter() - began
        yield Learnt(method, adapter, mark, seconds)
