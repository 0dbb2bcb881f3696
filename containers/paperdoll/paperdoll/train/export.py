"""The committed models: a diffusers folder, an ONNX encoder, and the lock file that names every byte of both."""

import hashlib
import json
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import torch
from diffusers import AutoencoderKL, StableDiffusionPipeline, UNet2DConditionModel
from transformers import CLIPTextModel, CLIPTokenizer

from paperdoll.train.base import build_pipeline
from paperdoll.train.checkpoint import write_json

LICENCE = "Apache-2.0"
FAMILIES = {"paperdoll": "paperdoll", "identity": "identity-encoder", "reader": "reader", "upscaler": "upscaler"}
MAX_BYTES = 60_000_000


def export_base(
    target: Path,
    vae: AutoencoderKL,
    text: tuple[CLIPTokenizer, CLIPTextModel],
    unet: UNet2DConditionModel,
    card: str,
) -> None:
    """Write the model folder as fp16 safetensors; `target` is replaced only by a whole folder."""
    with tempfile.TemporaryDirectory(dir=target.parent) as room:
        part = Path(room) / "model"
        pipeline: StableDiffusionPipeline = build_pipeline(vae, text, unet).to(torch.float16)
        pipeline.save_pretrained(part, safe_serialization=True)
        text[0].backend_tokenizer.model.save(str(part / "tokenizer"))  # vocab.json and merges.txt, for other readers
        (part / "README.md").write_text(card)
        for path in part.rglob("config.json"):
            # Where it was loaded from says nothing to anybody, and changes the digest.
            write_json({key: value for key, value in json.loads(path.read_text()).items() if key != "_name_or_path"}, path)
        for path in part.rglob("*"):
            path.chmod(0o755 if path.is_dir() else 0o644)
        size = sum(path.stat().st_size for path in part.rglob("*") if path.is_file())
        if size > MAX_BYTES:
            raise ValueError(f"the model folder would hold {size} bytes, more than {MAX_BYTES}")
        shutil.rmtree(target, ignore_errors=True)
        part.rename(target)


def read_base(folder: Path) -> StableDiffusionPipeline:
    """Return the stock pipeline of a model folder, in fp32."""
    return StableDiffusionPipeline.from_pretrained(folder, torch_dtype=torch.float32)


def lock_models(models: Path, licences: Mapping[str, tuple[str, bool]] = MappingProxyType({})) -> None:
    """Rewrite `models.lock.json`: the bytes and digest of every file of the models that are there. What is named in `licences`
    (name -> licence, whether it allows commercial use) is locked under that; of the rest the licence stays as it is locked."""
    path = models / "models.lock.json"
    locked = json.loads(path.read_text())["models"] if path.exists() else {}
    for name, family in FAMILIES.items():
        files = sorted(file for file in (models / name).rglob("*") if file.is_file() and not file.name.startswith("."))
        if files:
            before = locked.get(name, {"licence": LICENCE, "commercialUse": True})
            licence, commercial = licences.get(name, (before["licence"], before["commercialUse"]))
            locked[name] = {
                "family": family,
                "licence": licence,
                "commercialUse": commercial,
                "files": [
                    {
                        "file": file.relative_to(models / name).as_posix(),
                        "bytes": file.stat().st_size,
                        "sha256": hashlib.sha256(file.read_bytes()).hexdigest(),
                    }
                    for file in files
                ],
            }
    write_json({"models": locked}, path)
