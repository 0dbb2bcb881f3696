"""A library in a folder of this machine."""

import contextlib
import fcntl
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from troupe_worker.storage.ports import ConflictError, ExistsError, MissingError

TEMPORARY = ".writing-"


class FolderStore:
    """Objects as files below a folder: a laptop's library."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def read(self, key: str) -> bytes:
        try:
            return (self.root / key).read_bytes()
        except FileNotFoundError as error:
            raise MissingError(key) from error

    def read_version(self, key: str) -> tuple[bytes, str]:
        content = self.read(key)
        return content, hashlib.sha256(content).hexdigest()

    def fetch(self, key: str, path: Path) -> None:
        try:
            shutil.copyfile(self.root / key, path)
        except FileNotFoundError as error:
            raise MissingError(key) from error

    def exists(self, key: str) -> bool:
        return (self.root / key).is_file()

    def list(self, prefix: str) -> list[str]:
        folder = self.root / prefix.rpartition("/")[0]
        files = (path for path in folder.rglob("*") if path.is_file() and not path.name.startswith(TEMPORARY))
        keys = (path.relative_to(self.root).as_posix() for path in files)
        return sorted(key for key in keys if key.startswith(prefix))

    def create(self, key: str, content: bytes) -> None:
        with self._written(key, content) as temporary:
            try:
                os.link(temporary, self.root / key)  # unlike a rename, a link never replaces
            except FileExistsError as error:
                raise ExistsError(key) from error

    def replace(self, key: str, content: bytes) -> None:
        with self._written(key, content) as temporary:
            temporary.rename(self.root / key)

    def swap(self, key: str, content: bytes, version: str) -> None:
        if not self.exists(key):
            raise ConflictError(key)
        with self._locked(key):
            if self.read_version(key)[1] != version:
                raise ConflictError(key)
            self.replace(key, content)

    @contextlib.contextmanager
    def _written(self, key: str, content: bytes) -> Iterator[Path]:
        folder = (self.root / key).parent
        folder.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=TEMPORARY, dir=folder)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            os.chmod(name, 0o644)
            yield Path(name)
        finally:
            Path(name).unlink(missing_ok=True)

    @contextlib.contextmanager
    def _locked(self, key: str) -> Iterator[None]:
        folder = os.open((self.root / key).parent, os.O_RDONLY)
        try:
            fcntl.flock(folder, fcntl.LOCK_EX)
            yield
        finally:
            os.close(folder)
