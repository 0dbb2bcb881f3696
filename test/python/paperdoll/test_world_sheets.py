"""Pictures for people: the demo's references are of the test split and of today's look, samples come with their truth."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from paperdoll.identity import Outfit, split_of
from paperdoll.sheets import draw_sheet, sample_subject, save_references, save_sample
from PIL import Image

ROOT = Path(__file__).parents[3]
SUBJECTS = {
    "mina": (157, "girl", Outfit("hoodie", "green", "plain", "skirt", "white")),
    "rusty": (4, "robot", Outfit("t-shirt", "yellow", "star", "shorts", "blue")),
}


@pytest.mark.parametrize("name", SUBJECTS)
def test_the_demo_references_are_drawn_in_the_look_that_the_base_model_learned(name: str, tmp_path: Path):
    seed, kind, outfit = SUBJECTS[name]
    identity = sample_subject(seed, "test", kind)
    assert split_of(identity) == "test"
    for path in save_references(tmp_path, identity, outfit, 512):
        drawn, kept = (np.asarray(Image.open(file)).astype(int) for file in (path, ROOT / "demo/subjects" / name / path.name))
        # Another processor may round an edge differently, never more than that.
        assert np.abs(drawn - kept).mean() < 0.2, path.name


def test_a_sample_is_written_with_its_caption_and_truth(tmp_path: Path):
    caption = save_sample(tmp_path, 3, "test", 96)
    assert (tmp_path / "caption.txt").read_text() == caption + "\n"
    assert Image.open(tmp_path / "picture.png").size == Image.open(tmp_path / "truth.png").size == (96, 96)


def test_a_sheet_leaves_nothing_out():
    small, large = (np.asarray(draw_sheet(0, "train", 16, rows, 3)) for rows in (2, 3))
    assert large.shape == (48, 48, 3) and np.array_equal(large[:32], small)


def test_a_machine_without_libgl_is_told_what_to_install(tmp_path: Path):
    (tmp_path / "skia.py").write_text("raise ImportError('libGL.so.1: cannot open shared object file')")
    code = f"import sys; sys.path[:0] = [{str(tmp_path)!r}, *{sys.path!r}]; import paperdoll.drawing"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert run.returncode == 1
    assert "apt-get install libgl1 libegl1 libfontconfig1" in run.stderr
