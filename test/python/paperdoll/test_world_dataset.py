"""Data sets: a picture depends on its number alone, and a broken run goes on."""

import json
from pathlib import Path

import numpy as np
import pytest
from paperdoll import dataset
from paperdoll.dataset import DatasetSettings, make_dataset, sample_numbered
from paperdoll.identity import split_of

SETTINGS = DatasetSettings(25, 32, "validation", 7)


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dataset, "BLOCK", 10)


def contents(folder: Path) -> tuple[bytes, str]:
    return (folder / "pictures.npy").read_bytes(), (folder / "captions.jsonl").read_text()


def test_a_broken_run_ends_as_an_unbroken_one(tmp_path: Path):
    counts: list[int] = []
    make_dataset(tmp_path / "whole", SETTINGS, 1, counts.append)
    make_dataset(tmp_path / "broken", SETTINGS, 1)
    (tmp_path / "broken/blocks/000001.jsonl").unlink()
    pictures = np.load(tmp_path / "broken/pictures.npy", mmap_mode="r+")
    pictures[10:20] = 0
    pictures.flush()
    make_dataset(tmp_path / "broken", SETTINGS, 1)
    assert contents(tmp_path / "whole") == contents(tmp_path / "broken")
    assert sum(counts) == 25


def test_lines_are_numbered_and_captioned_as_sampled(tmp_path: Path):
    make_dataset(tmp_path, SETTINGS, 1)
    lines = [json.loads(line) for line in (tmp_path / "captions.jsonl").read_text().splitlines()]
    assert [line["number"] for line in lines] == list(range(25))
    assert [line["caption"] for line in lines] == [sample_numbered(SETTINGS, number)[2] for number in range(25)]
    assert np.load(tmp_path / "pictures.npy").any((1, 2, 3)).all()


def test_a_data_set_holds_only_its_split():
    for number in range(60):
        figures, scene, *_ = sample_numbered(SETTINGS, number)
        subjects = [figure.identity for figure in figures] + [figure.held for figure in figures if figure.held]
        subjects += [scene.product] if scene.product else []
        assert {split_of(subject) for subject in subjects} == {"validation"}


def test_another_data_set_in_the_folder_is_refused(tmp_path: Path):
    make_dataset(tmp_path, SETTINGS, 1)
    with pytest.raises(ValueError, match="another data set"):
        make_dataset(tmp_path, DatasetSettings(25, 32, "train", 7), 1)
