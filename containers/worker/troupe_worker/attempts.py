"""Attempts: one try at a job or at one shard of it, and the few things every verb needs of it."""

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.metadata import version

from troupe_worker import __version__
from troupe_worker.claims import check_claim
from troupe_worker.contracts import Claim, StoredObject
from troupe_worker.errors import JobFailed
from troupe_worker.logs import Log
from troupe_worker.progress import Progress
from troupe_worker.stopping import StopSignal
from troupe_worker.storage import ExistsError, Store

LIBRARIES = ("torch", "diffusers", "transformers", "peft", "safetensors", "numpy", "pillow")


@dataclass
class Attempt:
    """One try. `prefix` is where its claim, progress, checkpoints and result are."""

    store: Store
    prefix: str
    claim: Claim
    shard: int
    log: Log
    stop: StopSignal
    progress: Progress = field(init=False)
    outputs: list[StoredObject] = field(default_factory=list)
    skipped: int = 0
    device: str = "not started"

    def __post_init__(self) -> None:
        self.progress = Progress(self.store, f"{self.prefix}progress.json", self.claim.job)

    def fence(self) -> None:
        """Raise `Superseded` when another attempt holds the job by now."""
        check_claim(self.store, f"{self.prefix}claim.json", self.claim)

    def write(self, key: str, content: bytes) -> StoredObject:
        """Write an output that lasts. Finding the same bytes there is success: an earlier attempt was cut after writing them."""
        self.fence()
        stored = describe_object(key, content)
        try:
            self.store.create(key, content)
        except ExistsError as error:
            if self.store.read(key) != content:
                raise JobFailed("output_conflict", f"{key} exists already with other content; it was left as it is.") from error
            self.skipped += 1
        self.outputs.append(stored)
        return stored


def describe_object(key: str, content: bytes) -> StoredObject:
    """Measure an object."""
    return StoredObject(key=key, sha256=hashlib.sha256(content).hexdigest(), size_bytes=len(content))


def list_libraries() -> dict[str, str]:
    """Return the versions that may decide a picture's bits."""
    return {"troupe-worker": __version__} | {name: version(name) for name in LIBRARIES}


def identify_attempt(environment: Mapping[str, str] = os.environ) -> tuple[str, int]:
    """Return the holder and the attempt that Batch gave this process; a process nobody submitted is `local`, attempt 1."""
    return environment.get("AWS_BATCH_JOB_ID", "local"), int(environment.get("AWS_BATCH_JOB_ATTEMPT", "1"))
