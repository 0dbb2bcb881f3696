"""The lock: which model files may be loaded. A changed byte, a missing or an extra file, or an unsafe format is refused."""

import hashlib
import os
from pathlib import Path

from pydantic import ValidationError

from troupe_worker.contracts import BaseModelRef, LockedFile, LockedModel, ModelsLock
from troupe_worker.errors import JobFailed

LOCK_FILE = "models.lock.json"
# Formats that hold numbers and text only. Anything else could be a program.
SAFE_SUFFIXES = frozenset({".safetensors", ".onnx", ".json", ".txt", ".md"})


def find_models() -> Path:
    """Return the folder of models that the environment names."""
    return Path(os.environ.get("TROUPE_MODELS", "/opt/troupe/models"))


def digest_model(files: list[LockedFile]) -> str:
    """Return the one digest that stands for all files of a model."""
    lines = "".join(f"{entry.sha256}  {entry.file}\n" for entry in sorted(files, key=lambda entry: entry.file))
    return hashlib.sha256(lines.encode()).hexdigest()


def find_locked(models: Path, ref: BaseModelRef) -> LockedModel:
    """Return the lock's entry for exactly the model that `ref` names, wherever its files are."""
    locked = _read_lock(models).models.get(ref.name)
    if locked is None:
        raise JobFailed("model_unknown", f"The base model {ref.name} is not among the models of this worker.")
    if locked.family != ref.family:
        raise JobFailed("model_unknown", f"{ref.name} is of the family {locked.family}, the job says {ref.family}.")
    if digest_model(locked.files) != ref.digest:
        raise JobFailed("model_unverified", f"The job asks for another version of the base model {ref.name}.")
    return locked


def verify_model(models: Path, ref: BaseModelRef) -> str:
    """Check every file of the model that `ref` names, and return the licence of its weights."""
    locked = find_locked(models, ref)
    if not (models / ref.name).is_dir():
        raise JobFailed("model_unknown", f"The base model {ref.name} is not among the models of this worker.")
    _verify_files(models / ref.name, locked)
    return locked.licence


def find_encoder(models: Path) -> Path | None:
    """Return the verified folder of the identity encoder that lies among the models, if one does."""
    for name, locked in sorted(_read_lock(models).models.items()):
        if locked.family == "identity-encoder" and (models / name).is_dir():
            _verify_files(models / name, locked)
            return models / name
    return None


def _read_lock(models: Path) -> ModelsLock:
    try:
        return ModelsLock.model_validate_json((models / LOCK_FILE).read_bytes())
    except FileNotFoundError as error:
        raise JobFailed("model_unknown", f"No {LOCK_FILE} where TROUPE_MODELS says the models are.") from error
    except ValidationError as error:
        raise JobFailed("model_unverified", f"{LOCK_FILE} is not a valid lock: {error.error_count()} errors.") from error


def _verify_files(folder: Path, locked: LockedModel) -> None:
    found = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir()}
    expected = {entry.file for entry in locked.files}
    if found != expected:
        odd = sorted(found ^ expected)[0]
        raise JobFailed("model_unverified", f"{folder.name}: {odd} is {'extra' if odd in found else 'missing'}.")
    for entry in locked.files:
        path = folder / entry.file
        if path.suffix not in SAFE_SUFFIXES:
            raise JobFailed("model_unverified", f"{folder.name}: {entry.file} is of a format that is never loaded.")
        if path.stat().st_size != entry.bytes or _digest_file(path) != entry.sha256:
            raise JobFailed("model_unverified", f"{folder.name}: {entry.file} is not the file that was locked.")


def _digest_file(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
