"""Checkpoints: tensors in content-addressed parts, then a manifest that names them. A kill at any moment loses steps only."""

import hashlib
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import safetensors.torch
from torch import Tensor

from troupe_worker.storage import ExistsError, MissingError, Store

Tensors = Mapping[str, Tensor]
SECONDS_BETWEEN = 60.0
STEPS_BETWEEN = 25


@dataclass(frozen=True)
class Snapshot:
    """All that is needed to go on: named parts of tensors, and notes that JSON can hold (random states are texts)."""

    parts: Mapping[str, Tensors]
    notes: Mapping[str, Any]


@dataclass
class Checkpoints:
    """The checkpoints of one job below `prefix`."""

    store: Store
    prefix: str
    fence: Callable[[], None]  # raises when another attempt holds the job
    _next: int = 0
    _names: dict[str, str] = field(default_factory=dict)  # parts that are kept already
    _saved_at: float = field(default_factory=time.monotonic)
    _saved_step: int = 0

    def load(self) -> Snapshot | None:
        """Return the newest checkpoint whose every part is whole; a damaged one is passed over."""
        manifests = [key for key in self.store.list(f"{self.prefix}manifests/")]
        self._next = len(manifests)
        for key in reversed(manifests):
            manifest = json.loads(self.store.read(key))
            parts = {name: self._read_part(digest) for name, digest in manifest["parts"].items()}
            if all(tensors is not None for tensors in parts.values()):
                self._names = dict(manifest["parts"])
                self._saved_step = manifest["notes"].get("step", 0)
                return Snapshot({name: tensors for name, tensors in parts.items() if tensors is not None}, manifest["notes"])
        return None

    def due(self, step: int) -> bool:
        """Whether so many steps or seconds have passed that losing them would cost more than keeping them."""
        return step - self._saved_step >= STEPS_BETWEEN or time.monotonic() - self._saved_at >= SECONDS_BETWEEN

    def save(self, parts: Mapping[str, Tensors], notes: Mapping[str, Any]) -> None:
        """Keep these parts, and those of earlier checkpoints that are not given again."""
        for name, tensors in parts.items():
            self._names[name] = self._write_part(tensors)
        manifest = json.dumps({"parts": self._names, "notes": notes}, sort_keys=True).encode()
        self.fence()
        # The manifest comes last: where it is, every part is.
        self.store.create(f"{self.prefix}manifests/{self._next:06}.json", manifest)
        self._next += 1
        self._saved_at, self._saved_step = time.monotonic(), notes.get("step", 0)

    def _write_part(self, tensors: Tensors) -> str:
        content = safetensors.torch.save({name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()})
        digest = hashlib.sha256(content).hexdigest()
        try:
            self.store.create(self._key(digest), content)
        except ExistsError:
            if self._read_part(digest) is None:  # an earlier copy was damaged
                self.store.replace(self._key(digest), content)
        return digest

    def _read_part(self, digest: str) -> Tensors | None:
        try:
            content = self.store.read(self._key(digest))
        except MissingError:
            return None
        return safetensors.torch.load(content) if hashlib.sha256(content).hexdigest() == digest else None

    def _key(self, digest: str) -> str:
        return f"{self.prefix}parts/{digest}.safetensors"
