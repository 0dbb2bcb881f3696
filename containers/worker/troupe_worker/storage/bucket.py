"""A library in S3: the one module that speaks to it."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from troupe_worker.errors import PassingError
from troupe_worker.storage.ports import ConflictError, ExistsError, MissingError


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
