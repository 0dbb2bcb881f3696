"""What a store does, and the three answers it may give instead. Keys are relative to the library root."""

from pathlib import Path
from typing import Protocol


class MissingError(Exception):
    """No object has this key."""


class ExistsError(Exception):
    """An object has this key already, and stays as it is."""


class ConflictError(Exception):
    """Another version than the one that was read is there now."""


class Store(Protocol):
    """Objects by key."""

    def read(self, key: str) -> bytes: ...
    def read_version(self, key: str) -> tuple[bytes, str]:
        """Return the object and the name of this version of it, for `swap`."""

    def fetch(self, key: str, path: Path) -> None:
        """Write an object of any size to the file `path`, never holding it in memory."""

    def exists(self, key: str) -> bool: ...
    def list(self, prefix: str) -> list[str]:
        """Return the keys that begin with `prefix`, sorted."""

    def create(self, key: str, content: bytes) -> None:
        """Write a new object. When the answer to a first try was lost, the retry meets its own object: callers compare bytes."""

    def replace(self, key: str, content: bytes) -> None: ...
    def swap(self, key: str, content: bytes, version: str) -> None: ...
