"""Storage: the one place that knows paths and S3. Keys are relative to the library root, whatever holds it.

A write is whole or absent, `create` never overwrites, `swap` writes only over the version that was read: one suite shows it.
"""

from pathlib import Path

from troupe_worker.storage.bucket import BucketStore
from troupe_worker.storage.folder import FolderStore
from troupe_worker.storage.ports import ConflictError, ExistsError, MissingError, Store

__all__ = ["BucketStore", "ConflictError", "ExistsError", "FolderStore", "MissingError", "Store", "open_store"]


def open_store(root: str) -> Store:
    """Return the store of a library root: a folder, or `s3://bucket/prefix`."""
    if not root.startswith("s3://"):
        return FolderStore(Path(root))
    bucket, _, prefix = root.removeprefix("s3://").partition("/")
    return BucketStore(bucket, f"{prefix.rstrip('/')}/" if prefix.strip("/") else "")
