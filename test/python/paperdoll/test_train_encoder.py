"""The identity encoder: unit vectors that tell subjects apart, and an ONNX file that says the same as torch."""

from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch
from paperdoll.identity import Identity, split_of
from paperdoll.sight.nets import Eyes
from paperdoll.train.encoder import (
    IdentityEncoder,
    SolveSettings,
    discriminants,
    export_encoder,
    load_encoder,
    measure_encoder,
    save_encoder,
    solve_identity,
)
from paperdoll.train.views import draw_views, sample_family, weather

IDENTITY = Path(__file__).parents[3] / "models" / "identity"


@pytest.fixture(scope="module")
def small() -> IdentityEncoder:
    return solve_identity(SolveSettings(identities=60, views=3, ridge=0.1), Eyes().eval().requires_grad_(False))


def test_a_few_subjects_already_give_vectors_that_tell_subjects_apart(small):
    figures = measure_encoder(small, identities=20)
    assert figures["recallAt1"] > 0.15  # chance is 0.05


def test_the_exported_encoder_says_what_torch_says_for_any_batch(small, tmp_path):
    for parameter in small.parameters():  # as they are exported: in half precision
        parameter.data = parameter.data.half().float()
    export_encoder(small.requires_grad_(False), tmp_path, "1")
    session = onnxruntime.InferenceSession(tmp_path / "encoder.onnx")
    for count in (1, 3, 5):
        pixels = torch.rand(count, 3, 128, 128)
        (vector,) = session.run(["vector"], {"pixels": pixels.numpy()})
        assert np.abs(vector - small(pixels).numpy()).max() < 1e-4
        assert np.allclose(np.linalg.norm(vector, axis=1), 1, atol=1e-5)
    assert (tmp_path / "encoder.onnx").stat().st_size <= 10_000_000


def test_discriminants_find_the_direction_that_tells_subjects_apart():
    rng = torch.Generator().manual_seed(0)
    subjects = torch.randn(200, 1, 1, generator=rng).expand(200, 4, 1)
    views = torch.randn(200, 4, 1, generator=rng) * 20
    features = torch.cat([subjects + 0.1 * torch.randn(200, 4, 1, generator=rng), views], 2).flatten(0, 1)
    first = discriminants(features, 4, 1e-6)[0]
    assert abs(first[0]) > 100 * abs(first[1])


def test_a_kept_encoder_is_read_back(tmp_path):
    encoder = IdentityEncoder(SolveSettings(), Eyes()).eval()
    save_encoder(encoder, tmp_path)
    pixels = torch.rand(1, 3, 128, 128)
    assert torch.equal(load_encoder(tmp_path)(pixels), encoder(pixels))


def test_a_family_is_hard_to_tell_apart():
    identity, twin, namesake = sample_family(np.random.Generator(np.random.PCG64(1)), "train")
    assert split_of(identity) == "train"
    changed = [name for name in Identity.__dataclass_fields__ if getattr(identity, name) != getattr(twin, name)]
    assert len(changed) == 1
    assert (namesake.kind, namesake.hair_colour) == (identity.kind, identity.hair_colour)
    assert namesake != identity


def test_weather_keeps_shape_and_range():
    rng = np.random.Generator(np.random.PCG64(2))
    images = draw_views(rng, "train", 1)
    assert len(images) == 6
    worn = weather(torch.from_numpy(np.stack(images)).permute(0, 3, 1, 2).float() / 255, rng)
    assert worn.shape == (6, 3, 128, 128)
    assert 0 <= worn.min() and worn.max() <= 1


def test_the_committed_encoder_takes_pictures_of_any_batch():
    session = onnxruntime.InferenceSession(IDENTITY / "encoder.onnx")
    assert [entry.name for entry in session.get_inputs() + session.get_outputs()] == ["pixels", "vector"]
    (vectors,) = session.run(None, {"pixels": np.random.default_rng(0).random((3, 3, 128, 128), np.float32)})
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-4)
