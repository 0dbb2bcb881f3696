"""The kit: everything a bench measures or measures with, opened when first used, and the digests that name it."""

import hashlib
import json
import os
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from troupe_worker.contracts import BaseModelRef, ModelsLock
from troupe_worker.locks import LOCK_FILE, digest_model
from troupe_worker.models import BaseModel, decode_latents, encode_pictures, load_model, pick_device

from troupe_bench.sight import BATCH, OnnxSight, Pixels, open_session, to_pixels

BASE = "paperdoll"
ORACLE = Path("bench/oracle")


class Encoder:
    """An identity encoder in a folder: pictures to unit vectors."""

    def __init__(self, folder: Path) -> None:
        self.card = json.loads((folder / "encoder.json").read_text())
        self.session = open_session(folder / "encoder.onnx")

    def embed(self, pixels_BHWC: Pixels) -> NDArray[np.float32]:
        """Return (B, D) unit vectors."""
        parts = [pixels_BHWC[at : at + BATCH] for at in range(0, len(pixels_BHWC), BATCH)]
        runs = [self.session.run([self.card["output"]], {self.card["input"]: to_pixels(x, self.card["size"])})[0] for x in parts]
        return np.concatenate(runs)


class Upscaler:
    """An ONNX model that makes pictures larger by a whole factor."""

    def __init__(self, file: Path) -> None:
        self.session = open_session(file)

    def enlarge(self, pixels_BHWC: Pixels) -> Pixels:
        """Return (B, f H, f W, 3) uint8."""
        name = self.session.get_inputs()[0].name
        out = self.session.run(None, {name: to_pixels(pixels_BHWC, pixels_BHWC.shape[1])})[0]
        return (out.transpose(0, 2, 3, 1).clip(0, 1) * 255).round().astype(np.uint8)


class Kit:
    """The models of a checkout. `scratch` holds drawn pictures, which are never committed."""

    def __init__(self, scratch: Path, models: Path | None = None, oracle: Path = ORACLE) -> None:
        self.models = models or Path(os.environ.get("TROUPE_MODELS", "models"))
        self.oracle_folder = oracle
        self.scratch = scratch
        self._made: dict[tuple[str, int], Any] = {}

    @cached_property
    def base_ref(self) -> BaseModelRef:
        lock = ModelsLock.model_validate_json((self.models / LOCK_FILE).read_bytes())
        locked = lock.models[BASE]
        return BaseModelRef(name=BASE, family=locked.family, digest=digest_model(locked.files))

    @cached_property
    def base(self) -> BaseModel:
        return load_model(self.models, self.base_ref, pick_device())

    @cached_property
    def encoder(self) -> Encoder:
        return Encoder(self.models / "identity")

    @cached_property
    def reader(self) -> OnnxSight:
        return OnnxSight(self.models / "reader", "reader")

    @cached_property
    def oracle(self) -> OnnxSight:
        return OnnxSight(self.oracle_folder, "oracle")

    @property
    def has_oracle(self) -> bool:
        return "oracle" in self.__dict__ or (self.oracle_folder / "oracle.onnx").exists()

    @cached_property
    def upscaler(self) -> Upscaler:
        return Upscaler(self.models / "upscaler" / "upscaler.onnx")

    def digests(self) -> dict[str, str]:
        """Return what there is, by name; what is missing cannot be measured with."""
        files = {
            "encoder": self.models / "identity" / "encoder.onnx",
            "reader": self.models / "reader" / "reader.onnx",
            "oracle": self.oracle_folder / "oracle.onnx",
            "upscaler": self.models / "upscaler" / "upscaler.onnx",
            "labels": Path("bench/labels.json"),
        }
        found = {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in files.items() if path.exists()}
        vae = self.models / BASE / "vae" / "diffusion_pytorch_model.safetensors"
        return found | {"base": self.base_ref.digest, "vae": hashlib.sha256(vae.read_bytes()).hexdigest()}

    @torch.no_grad()
    def through_vae(self, pixels_BHWC: Pixels) -> Pixels:
        """Return pictures after the base model's VAE there and back: what no drawing of the base model can be better than."""
        parts = [torch.from_numpy(pixels_BHWC[at : at + BATCH]) for at in range(0, len(pixels_BHWC), BATCH)]
        return np.concatenate([decode_latents(self.base, encode_pictures(self.base, part)).numpy() for part in parts])

    def once(self, name: str, seed: int, make: Callable[[], Any]) -> Any:
        """Return what `make` makes, made when first asked for: what several subjects or tracks of a run share."""
        if (name, seed) not in self._made:
            self._made[name, seed] = make()
        return self._made[name, seed]

    def keep(self, path: Path, image_HWC: NDArray[np.uint8]) -> None:
        """Keep a drawn picture for sheets and labels."""
        path.parent.mkdir(parents=True, exist_ok=True)
        # Whole or not there: another process may draw or read the same picture.
        half = path.with_suffix(f".{os.getpid()}.png")
        Image.fromarray(image_HWC).save(half)
        half.rename(path)

    def picture_path(self, kind: str, name: str) -> Path:
        """Where a picture of this base model is kept; what else decides it, a seed, is part of `kind`."""
        return self.scratch / "pictures" / self.base_ref.digest[:12] / kind / f"{name}.png"
