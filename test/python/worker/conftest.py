"""What every test of the worker shares: libraries on disk, and a tiny model to draw with."""

import os
import shutil
from pathlib import Path

import pytest
from worker.library import Library
from worker.tiny_models import write_models

os.environ["HF_HUB_OFFLINE"] = "1"


@pytest.fixture(scope="session")
def models(tmp_path_factory):
    """A folder with one tiny locked model, and its name for jobs."""
    folder = tmp_path_factory.mktemp("models")
    return folder, write_models(folder)


@pytest.fixture
def library(tmp_path: Path, models):
    """A library of its own, with references and nothing else."""
    return Library(tmp_path, *models)


@pytest.fixture(scope="session")
def tuned(tmp_path_factory, models):
    """A library whose subject was tuned by an unbroken run. Copy it; never write to it."""
    library = Library(tmp_path_factory.mktemp("tuned"), *models)
    assert library.run("tune", library.put_tune()) == 0
    return library


@pytest.fixture
def tuned_copy(tmp_path: Path, tuned):
    """The tuned library, to be changed at will."""
    shutil.copytree(tuned.root, tmp_path, dirs_exist_ok=True)
    return Library(tmp_path, tuned.models, tuned.base)
