"""The identity encoder: unit vectors, hard neighbours in every batch, and an ONNX file that says the same as torch."""

from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch
from paperdoll.identity import Identity, split_of
from paperdoll.train.encoder import IdentityEncoder, contrast_loss, export_encoder
from paperdoll.train.views import draw_views, sample_family, weather

IDENTITY = Path(__file__).parents[3] / "models" / "identity"


def test_a_vector_has_unit_length():
    vectors = IdentityEncoder()(torch.rand(3, 3, 128, 128))
    assert vectors.shape == (3, 128)
    assert torch.allclose(vectors.norm(dim=1), torch.ones(3), atol=1e-5)


def test_the_exported_encoder_says_what_torch_says_for_any_batch(tmp_path):
    torch.manual_seed(0)
    encoder = IdentityEncoder().eval().requires_grad_(False)
    export_encoder(encoder, tmp_path, "1")
    session = onnxruntime.InferenceSession(tmp_path / "encoder.onnx")
    for count in (1, 3, 5):
        pixels = torch.rand(count, 3, 128, 128)
        (vector,) = session.run(["vector"], {"pixels": pixels.numpy()})
        assert np.abs(vector - encoder(pixels).numpy()).max() < 1e-4
    assert (tmp_path / "encoder.onnx").stat().st_size <= 10_000_000


def test_a_family_is_hard_to_tell_apart():
    identity, twin, namesake = sample_family(np.random.Generator(np.random.PCG64(1)), "train")
    assert split_of(identity) == "train"
    changed = [name for name in Identity.__dataclass_fields__ if getattr(identity, name) != getattr(twin, name)]
    assert len(changed) == 1
    assert (namesake.kind, namesake.hair_colour) == (identity.kind, identity.hair_colour)
    assert namesake != identity


def test_views_come_in_pairs_and_weather_keeps_their_shape():
    rng = np.random.Generator(np.random.PCG64(2))
    images, numbers, identities = draw_views(rng, "train", 1)
    assert numbers == [0, 0, 1, 1, 2, 2]
    assert identities[0] == identities[1] != identities[2]
    x = torch.from_numpy(np.stack(images)).permute(0, 3, 1, 2).float() / 255
    worn = weather(x, rng)
    assert worn.shape == x.shape
    assert 0 <= worn.min() and worn.max() <= 1


def test_the_loss_falls_when_like_vectors_belong_together():
    near = torch.nn.functional.normalize(torch.tensor([[1.0, 0.0], [0.9, 0.1], [0.0, 1.0], [0.1, 0.9]]), dim=1)
    right, share = contrast_loss(near, [0, 0, 1, 1])
    wrong, _ = contrast_loss(near, [0, 1, 0, 1])
    assert right < wrong
    assert share == 1


@pytest.mark.skipif(not (IDENTITY / "encoder.onnx").exists(), reason="the encoder is not in this checkout")
def test_the_committed_encoder_takes_pictures_of_any_batch():
    session = onnxruntime.InferenceSession(IDENTITY / "encoder.onnx")
    assert [entry.name for entry in session.get_inputs() + session.get_outputs()] == ["pixels", "vector"]
    (vectors,) = session.run(None, {"pixels": np.random.default_rng(0).random((3, 3, 128, 128), np.float32)})
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-4)
