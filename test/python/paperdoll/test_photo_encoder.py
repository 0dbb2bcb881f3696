"""A DINOv2 or CLIP folder becomes an identity encoder that answers as the folder's own model does."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch
from transformers import CLIPVisionConfig, CLIPVisionModelWithProjection, Dinov2Config, Dinov2Model
from troupe_worker.contracts import ModelsLock
from troupe_worker.encoder import load_encoder

SIZE, MEAN, STD = 56, [0.5, 0.4, 0.2], [0.2, 0.25, 0.3]


def _save(folder: Path, kind: str) -> torch.nn.Module:
    torch.manual_seed(2)
    shape = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "patch_size": 14, "image_size": 70}
    if kind == "dinov2":
        model = Dinov2Model(Dinov2Config(**shape, mlp_ratio=2))
    else:
        shape |= {"image_size": SIZE, "intermediate_size": 64, "projection_dim": 24}
        model = CLIPVisionModelWithProjection(CLIPVisionConfig(**shape))
    model.eval().save_pretrained(folder)
    prepared = {"crop_size": {"height": SIZE, "width": SIZE}, "image_mean": MEAN, "image_std": STD}
    (folder / "preprocessor_config.json").write_text(json.dumps(prepared))
    return model


def _export(folder: Path, models: Path, *more: str) -> subprocess.CompletedProcess:
    told = ["photo-encoder", str(folder), "--licence", "MIT", "--models", str(models), *more]
    return subprocess.run([sys.executable, "-m", "paperdoll.train", *told], capture_output=True, text=True, check=False)


@pytest.mark.parametrize(("kind", "dimensions"), [("dinov2", 32), ("clip", 24)])
def test_the_file_gives_the_models_own_vector_at_unit_length(tmp_path: Path, kind: str, dimensions: int):
    model, models = _save(tmp_path / f"tiny-{kind}", kind), tmp_path / "models"
    made = _export(tmp_path / f"tiny-{kind}", models, *(["--no-commercial-use"] if kind == "clip" else []))
    assert made.returncode == 0, made.stderr
    card = json.loads((models / "identity" / "encoder.json").read_text())
    assert (card["name"], card["size"], card["dimensions"], card["pad"]) == (f"tiny-{kind}", SIZE, dimensions, [128, 102, 51])
    pixels = torch.rand(3, 3, SIZE, SIZE)
    session = onnxruntime.InferenceSession(models / "identity" / "encoder.onnx")
    (vectors,) = session.run([card["output"]], {card["input"]: pixels.numpy()})
    with torch.no_grad():
        seen = model(pixel_values=(pixels - torch.tensor(MEAN)[:, None, None]) / torch.tensor(STD)[:, None, None])
    wanted = seen.image_embeds if kind == "clip" else seen.last_hidden_state[:, 0]
    wanted = torch.nn.functional.normalize(wanted, dim=1).numpy()
    assert (vectors * wanted).sum(1).min() > 0.9999 and np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    locked = ModelsLock.model_validate_json((models / "models.lock.json").read_bytes()).models["identity"]
    assert (locked.licence, locked.commercial_use) == ("MIT", kind == "dinov2")


def test_the_worker_sees_with_it(tmp_path: Path):
    _save(tmp_path / "tiny", "dinov2")
    assert _export(tmp_path / "tiny", tmp_path / "models").returncode == 0
    encode = load_encoder(tmp_path / "models")
    vectors = encode(torch.randint(256, (2, 90, 40, 3), dtype=torch.uint8))
    assert vectors.shape == (2, 32)


def test_another_kind_of_folder_is_refused(tmp_path: Path):
    folder = tmp_path / "bert"
    folder.mkdir()
    (folder / "config.json").write_text('{"model_type": "bert"}')
    made = _export(folder, tmp_path / "models")
    assert made.returncode != 0 and "is of the kind bert" in made.stderr
    assert not (tmp_path / "models" / "identity").exists()
