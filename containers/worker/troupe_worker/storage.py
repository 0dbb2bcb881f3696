"""Storage: the one module that knows paths and S3. Keys are relative to the library root, whatever holds it.

A write is whole or absent, `create` never overwrites, `swap` writes only over the version that was read: one suite shows it.
"""

import contextlib
import fcntl
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from troupe_worker.errors import PassingError

TEMPORARY = ".writing-"


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


class BucketStore:
    """Objects below a prefix of an S3 bucket."""

    def __init__(self, bucket: str, prefix: str) -> None:
        self.bucket = bucket
        self.prefix = prefix
        retries = {"mode": "standard", "max_attempts": 6}
        self.client = boto3.client("s3", config=Config(retries=retries, connect_timeout=5, read_timeout=60))

    def read(self, key: str) -> bytes:
        return self.read_version(key)[0]

    def read_version(self, key: str) -> tuple[bytes, str]:
        with _translated(key):
            answer = self.client.get_object(**self._at(key))
            return answer["Body"].read(), answer["ETag"]

    def fetch(self, key: str, path: Path) -> None:
        with _translated(key):
            self.client.download_file(Filename=str(path), **self._at(key))

    def exists(self, key: str) -> bool:
        try:
            with _translated(key):
                self.client.head_object(**self._at(key))
        except MissingError:
            return False
        return True

    def list(self, prefix: str) -> list[str]:
        with _translated(prefix):
            pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=self.prefix + prefix)
            return sorted(found["Key"].removeprefix(self.prefix) for page in pages for found in page.get("Contents", []))

    def create(self, key: str, content: bytes) -> None:
        try:
            self._put(key, content, IfNoneMatch="*")
        except ConflictError as error:
            raise ExistsError(key) from error

    def replace(self, key: str, content: bytes) -> None:
        self._put(key, content)

    def swap(self, key: str, content: bytes, version: str) -> None:
        try:
            self._put(key, content, IfMatch=version)
        except MissingError as error:
            raise ConflictError(key) from error

    def _put(self, key: str, content: bytes, **condition: str) -> None:
        with _translated(key):
            kind = "image/png" if key.endswith(".png") else "application/json" if key.endswith(".json") else None
            headers = {"ContentType": kind or "application/octet-stream", "ChecksumAlgorithm": "SHA256"}
            self.client.put_object(**self._at(key), Body=content, **headers, **condition)

    def _at(self, key: str) -> dict[str, str]:
        return {"Bucket": self.bucket, "Key": self.prefix + key}


@contextlib.contextmanager
def _translated(key: str) -> Iterator[None]:
    """Say in the store's words what S3 answered. What is left is passing: nothing the job says can cause it."""
    try:
        yield
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code", "")
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        if status == 404:
            raise MissingError(key) from error
        if status == 412:
            raise ConflictError(key) from error
        raise PassingError(f"S3 answered {status} {code}") from error
    except BotoCoreError as error:
        raise PassingError(f"S3 was not reached: {type(error).__name__}") from error


def open_store(root: str) -> Store:
    """Return the store of a library root: a folder, or `s3://bucket/prefix`."""
    if not root.startswith("s3://"):
        return FolderStore(Path(root))
    bucket, _, prefix = root.removeprefix("s3://").partition("/")
    return BucketStore(bucket, f"{prefix.rstrip('/')}/" if prefix.strip("/") else "")
