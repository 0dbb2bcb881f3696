"""A base model that is not in the image comes from the library, and is trusted no more than any other."""

import shutil
import tempfile

import pytest
from troupe_worker.contracts import JobFailure, ModelsLock
from troupe_worker.fetching import bring_model
from troupe_worker.locks import LOCK_FILE, verify_model
from troupe_worker.storage import FolderStore
from worker.library import TUNE


@pytest.fixture
def shelved(library, tmp_path, monkeypatch):
    """A library that holds the model's files by their digests, and a worker whose image has only the lock."""
    scratch, image = tmp_path / "scratch", tmp_path / "image"
    for folder in (scratch, image):
        folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    shutil.copyfile(library.models / LOCK_FILE, image / LOCK_FILE)
    locked = ModelsLock.model_validate_json((image / LOCK_FILE).read_bytes()).models[library.base.name]
    for entry in locked.files:
        library.put(f"models/{entry.sha256}", (library.models / library.base.name / entry.file).read_bytes())
    library.models, library.locked = image, locked
    return library


def bring(library, seen=None):
    store = FolderStore(library.root)
    return bring_model(library.models, library.base, store, lambda *told: seen.append(told) if seen is not None else None)


def test_it_is_whole_and_verified_where_it_arrives(shelved):
    seen = []
    models = bring(shelved, seen)
    assert models != shelved.models
    assert verify_model(models, shelved.base) == "Apache-2.0"
    assert len(seen) == len(shelved.locked.files)


def test_what_is_in_the_image_is_not_fetched(shelved, models):
    shelved.models = models[0]
    assert bring(shelved) == models[0]


def test_a_worker_that_was_killed_goes_on_where_it_was(shelved):
    models = bring(shelved)
    first, second = (models / shelved.base.name / entry.file for entry in shelved.locked.files[:2])
    first.rename(first.with_name(f"{first.name}.arriving"))
    shelved.put(f"models/{shelved.locked.files[1].sha256}", b"would be another file if it were fetched again")
    before = second.read_bytes()
    assert verify_model(bring(shelved), shelved.base)
    assert second.read_bytes() == before


def test_another_file_under_the_digest_is_refused(shelved):
    shelved.put(f"models/{shelved.locked.files[0].sha256}", b"not what was locked")
    assert shelved.run("tune", shelved.put_tune()) == 42
    assert failure(shelved).code == "model_unverified"


def test_a_file_that_nobody_uploaded_is_named(shelved):
    (shelved.root / "models" / shelved.locked.files[0].sha256).unlink()
    assert shelved.run("tune", shelved.put_tune()) == 42
    assert failure(shelved).code == "model_unknown"
    assert f"{shelved.base.name}/{shelved.locked.files[0].file}" in failure(shelved).sentence


def test_another_version_is_refused_before_anything_is_fetched(shelved):
    shelved.base = shelved.base.model_copy(update={"digest": "1" * 64})
    assert shelved.run("tune", shelved.put_tune()) == 42
    assert failure(shelved).code == "model_unverified"
    assert not (shelved.root / "scratch" / "troupe-models").exists()


def test_a_job_draws_with_it_as_with_one_of_the_image(shelved, models):
    assert shelved.run("tune", shelved.put_tune()) == 0
    fetched = shelved.files("subjects/mina/versions/1")
    shutil.rmtree(shelved.root / "subjects/mina/versions")
    shutil.rmtree(shelved.root / f"jobs/{TUNE}")
    shelved.models = models[0]
    assert shelved.run("tune", shelved.put_tune()) == 0
    assert shelved.files("subjects/mina/versions/1") == fetched


def failure(library) -> JobFailure:
    return JobFailure.model_validate(library.json(f"jobs/{TUNE}/result.json"))
