"""Trainings go on where they stopped, bit for bit, and write nothing that could run code."""

import json
import os
import signal
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
import torch
from paperdoll.train.checkpoint import read_checkpoint, write_checkpoint
from paperdoll.train.learner import Learner, LearnSettings, run_training
from paperdoll.train.progress import Reporter
from torch import nn

SETTINGS = LearnSettings(minutes=1, rate=1e-2, steps=6, warmup_steps=2, average_every=2)


def _learner(settings: LearnSettings) -> Learner:
    torch.manual_seed(1)
    return Learner(nn.Sequential(nn.Linear(4, 8), nn.SiLU(), nn.Linear(8, 4)), settings)


def _train(learner: Learner, folder: Path, stop: Callable[[], bool] = lambda: False) -> None:
    def work(step: int, part: int):
        x = torch.randn(3, 4, generator=torch.Generator().manual_seed(step * 2 + part))
        return (learner.model(x) - x).square().mean(), {}, len(x)

    run_training(
        learner,
        folder,
        Reporter("test", every_seconds=1e9),
        lambda step: [partial(work, step, part) for part in range(2)],
        stop=stop,
    )


def _state(learner: Learner) -> dict[str, torch.Tensor]:
    return {**learner.model.state_dict(), **{f"average.{name}": value for name, value in learner.average.items()}}


def test_a_resumed_training_equals_an_unbroken_one_bit_for_bit(tmp_path):
    unbroken = _learner(SETTINGS)
    _train(unbroken, tmp_path / "a")
    broken = _learner(SETTINGS)
    _train(broken, tmp_path / "b", stop=lambda: broken.step == 3)
    resumed = _learner(SETTINGS)
    assert resumed.restore(tmp_path / "b")
    assert resumed.step == 3
    _train(resumed, tmp_path / "b")
    for name, value in _state(unbroken).items():
        assert torch.equal(value, _state(resumed)[name]), name


def test_a_terminated_training_leaves_a_checkpoint(tmp_path):
    learner = _learner(SETTINGS)

    def end_at_two() -> bool:
        if learner.step == 2:
            os.kill(os.getpid(), signal.SIGTERM)
        return False

    _train(learner, tmp_path, stop=end_at_two)
    assert 2 <= read_checkpoint(tmp_path)[1]["step"] <= 3


def test_a_later_sitting_with_more_minutes_goes_on_from_the_old_counters(tmp_path):
    first = _learner(SETTINGS)
    _train(first, tmp_path)
    second = _learner(replace(SETTINGS, steps=9))
    assert second.restore(tmp_path)
    assert (second.step, second.samples) == (6, 36)
    assert second.progress < 1


def test_a_checkpoint_is_safetensors_and_json_and_nothing_else(tmp_path):
    _train(_learner(SETTINGS), tmp_path)
    files = sorted(path.name for path in tmp_path.rglob("*") if path.is_file())
    assert files == ["counters.json", "tensors.safetensors"]
    assert json.loads(next(tmp_path.rglob("counters.json")).read_text())["step"] == 6


def test_a_checkpoint_cut_off_while_it_was_written_is_not_seen(tmp_path):
    write_checkpoint(tmp_path, 5, {"x": torch.ones(2)}, {"step": 5})
    half = tmp_path / "part"
    half.mkdir()
    (half / "tensors.safetensors").write_bytes(b"half")
    tensors, counters = read_checkpoint(tmp_path)
    assert counters == {"step": 5}
    write_checkpoint(tmp_path, 6, tensors, {"step": 6})
    assert read_checkpoint(tmp_path)[1] == {"step": 6}
    assert not half.exists()


def test_the_rate_warms_up_stays_and_falls():
    learner = _learner(replace(SETTINGS, steps=100, warmup_steps=10))
    rates = []
    for step in (0, 9, 49, 100):
        learner.step = step
        rates.append(learner.rate_now())
    assert rates == pytest.approx([1e-3, 1e-2, 1e-2, 2e-4])


def test_no_training_unpickles_anything():
    room = Path(__import__("paperdoll.train").train.__file__).parent
    for path in room.glob("*.py"):
        text = path.read_text()
        assert "torch.load" not in text and "torch.save" not in text and "import pickle" not in text, path.name
