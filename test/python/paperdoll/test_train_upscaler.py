"""The upscaler: it begins as bicubic enlargement, gets better than it, and its ONNX file takes any size."""

import numpy as np
import onnxruntime
import pytest
import torch
import torch.nn.functional as F
from paperdoll.train.learner import LearnSettings
from paperdoll.train.upscaler import FACTOR, Upscaler, draw_pairs, export_upscaler, train_upscaler


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    folder = tmp_path_factory.mktemp("upscaler")
    pairs = draw_pairs(folder / "pairs", 6, 1, processes=1)
    settings = LearnSettings(minutes=1, rate=1e-3, steps=60, warmup_steps=5, average=0.8, average_every=1)
    train_upscaler(folder / "kept", pairs, settings, batch=4, seed=1)
    export_upscaler(folder / "kept", folder / "model")
    return folder, pairs


def test_pairs_show_the_same_scene_at_two_sizes(trained):
    small, large = trained[1]
    mean = large.reshape(6, 128, FACTOR, 128, FACTOR, 3).mean((2, 4))
    assert np.abs(mean - small).mean() < 6


def test_an_untrained_upscaler_is_bicubic():
    pixels = torch.rand(1, 3, 20, 24)
    large = F.interpolate(pixels, scale_factor=float(FACTOR), mode="bicubic", align_corners=False)
    torch.testing.assert_close(Upscaler()(pixels), large)


def test_some_steps_come_nearer_to_the_truth_than_bicubic(trained):
    folder, (small, large) = trained
    session = onnxruntime.InferenceSession(folder / "model" / "upscaler.onnx", providers=["CPUExecutionProvider"])
    pixels = small.transpose(0, 3, 1, 2).astype(np.float32) / 255
    wanted = large.transpose(0, 3, 1, 2).astype(np.float32) / 255
    made = session.run(None, {"pixels": pixels})[0]
    plain = F.interpolate(torch.from_numpy(pixels), scale_factor=float(FACTOR), mode="bicubic", align_corners=False).numpy()
    assert np.square(made - wanted).mean() < np.square(plain - wanted).mean()


def test_the_exported_file_takes_any_batch_and_size(trained):
    folder, _ = trained
    session = onnxruntime.InferenceSession(folder / "model" / "upscaler.onnx", providers=["CPUExecutionProvider"])
    made = session.run(None, {"pixels": np.random.default_rng(1).random((3, 3, 33, 57), np.float32)})[0]
    assert made.shape == (3, 3, 33 * FACTOR, 57 * FACTOR)
