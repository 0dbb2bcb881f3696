"""Base models that are too large for the image: their files lie in the library, each under its own digest."""

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from troupe_worker.contracts import BaseModelRef
from troupe_worker.errors import JobFailed
from troupe_worker.locks import LOCK_FILE, find_locked
from troupe_worker.storage import MissingError, Store

MIB = 1024 * 1024


def bring_model(models: Path, ref: BaseModelRef, store: Store, report: Callable[[str, int, int], None]) -> Path:
    """Return the folder of models that holds `ref`: `models`, or one in the scratch space that is filled from the library.

    What is in a file is checked when the model is loaded, wherever it came from.
    """
    locked = find_locked(models, ref)
    if (models / ref.name).is_dir():
        return models
    scratch = Path(tempfile.gettempdir()) / "troupe-models" / ref.digest
    scratch.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(models / LOCK_FILE, scratch / LOCK_FILE)
    done, of = 0, sum(entry.bytes for entry in locked.files)
    for entry in locked.files:
        report("fetch the base model, MiB", done // MIB, of // MIB)
        path = scratch / ref.name / entry.file
        if not path.is_file():
            _fetch(store, f"models/{entry.sha256}", path, f"{ref.name}/{entry.file}")
        done += entry.bytes
    return scratch


def _fetch(store: Store, key: str, path: Path, name: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    arriving = path.with_name(f"{path.name}.arriving")
    try:
        store.fetch(key, arriving)
    except MissingError as error:
        raise JobFailed("model_unknown", f"{name} is neither in the image nor in the library: `troupe model add`.") from error
    # A file under its own name is whole: a worker that was killed here begins it again.
    arriving.rename(path)
