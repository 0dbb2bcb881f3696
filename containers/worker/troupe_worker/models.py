"""Base models: which classes each family is made of, where its numbers live, and how a verified folder becomes one.

Letters of tensor names: B pictures, C latent channels, H and W sides, T tokens, D width of a token's state, P pooled width.
"""

import json
import os
import platform
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import diffusers
import torch
import transformers
from diffusers import AutoencoderKL, UNet2DConditionModel
from torch import Tensor, nn
from transformers import CLIPTextModel, CLIPTextModelWithProjection, CLIPTokenizer

from troupe_worker.contracts import BaseModelRef
from troupe_worker.locks import verify_model

TEXT_ENCODERS: dict[str, dict[str, type]] = {
    "paperdoll": {"text_encoder": CLIPTextModel},
    "sd15": {"text_encoder": CLIPTextModel},
    "sdxl": {"text_encoder": CLIPTextModel, "text_encoder_2": CLIPTextModelWithProjection},
}


@dataclass(frozen=True)
class BaseModel:
    """A frozen text-to-image model, on its device."""

    ref: BaseModelRef
    licence: str
    vae: AutoencoderKL
    unet: UNet2DConditionModel
    text_encoders: tuple[nn.Module, ...]
    tokenizers: tuple[CLIPTokenizer, ...]
    scheduler_config: dict[str, Any]
    nothing_is_zero: bool  # SDXL means "no prompt" by zeros instead of by the empty text
    device: torch.device
    dtype: torch.dtype  # of the UNet and the text encoders

    @property
    def pixels_per_latent(self) -> int:
        """Side of the square of pixels that one latent stands for."""
        return 2 ** (len(self.vae.config.block_out_channels) - 1)

    @property
    def native_size(self) -> int:
        """Side in pixels of the pictures the model was trained on."""
        return self.unet.config.sample_size * self.pixels_per_latent

    def freeze(self) -> "BaseModel":
        """Nothing of a base model ever trains, and every layer behaves as in use."""
        for part in (self.vae, self.unet, *self.text_encoders):
            part.requires_grad_(False).eval()
        return self


def pick_device() -> str:
    """Name the device of this process: the card where there is one."""
    return "cuda" if torch.cuda.is_available() else "cpu"


def pick_dtype(device: str) -> torch.dtype:
    """Return in which precision this process is fastest: bf16, which needs no loss scaling, where there are units for it."""
    # Two cores of Zen 4 draw 1.5 times as many pictures in bf16; a CPU without units, a third.
    has_units = torch.cpu._is_avx512_bf16_supported()  # torch has no public question
    return torch.bfloat16 if device == "cuda" or has_units else torch.float32


def describe_device(base: BaseModel) -> str:
    """Name what computed, with all that may decide the last bits."""
    if base.device.type == "cuda":
        return f"{torch.cuda.get_device_name(base.device)}, {base.dtype}".replace("torch.", "")
    return f"{platform.machine()} CPU, {torch.get_num_threads()} threads, {base.dtype}".replace("torch.", "")


def settle_process() -> None:
    """Use the cores this process has (or OMP_NUM_THREADS of them: the count decides last bits), repeatably and quietly."""
    cores = len(os.sched_getaffinity(0))
    cores = min(cores, int(os.environ.get("OMP_NUM_THREADS", cores)))
    torch.set_num_threads(cores)
    torch.use_deterministic_algorithms(True, warn_only=True)
    for library in (diffusers.utils.logging, transformers.utils.logging):
        library.disable_progress_bar()


def load_model(models: Path, ref: BaseModelRef, device: str, dtype: torch.dtype | None = None) -> BaseModel:
    """Verify the folder of `ref` below `models` against the lock, then load it, in the device's fastest `dtype` unless told."""
    licence = verify_model(models, ref)
    folder = models / ref.name
    options: dict[str, Any] = {"local_files_only": True, "use_safetensors": True}
    encoders = TEXT_ENCODERS[ref.family]
    index = json.loads((folder / "model_index.json").read_text())
    dtype = dtype or pick_dtype(device)
    return BaseModel(
        ref=ref,
        licence=licence,
        # The decoder overflows in half precision (SDXL) and costs little: it is always float32.
        vae=AutoencoderKL.from_pretrained(folder / "vae", torch_dtype=torch.float32, **options).to(device),
        unet=UNet2DConditionModel.from_pretrained(folder / "unet", torch_dtype=dtype, **options).to(device),
        text_encoders=tuple(
            kind.from_pretrained(folder / name, dtype=dtype, **options).to(device) for name, kind in encoders.items()
        ),
        tokenizers=tuple(
            CLIPTokenizer.from_pretrained(folder / name.replace("text_encoder", "tokenizer"), local_files_only=True)
            for name in encoders
        ),
        scheduler_config=json.loads((folder / "scheduler" / "scheduler_config.json").read_text()),
        nothing_is_zero=ref.family == "sdxl" and index.get("force_zeros_for_empty_prompt", True),
        device=torch.device(device),
        dtype=dtype,
    ).freeze()


@torch.no_grad()
def encode_pictures(base: BaseModel, pixels_BHWC: Tensor) -> Tensor:
    """Return the latents (B, C, H, W) of uint8 pictures (B, H, W, 3): the mean of the posterior, so nothing is drawn by lot."""
    pixels_BCHW = pixels_BHWC.to(base.device, base.vae.dtype).permute(0, 3, 1, 2) / 127.5 - 1
    return base.vae.encode(pixels_BCHW).latent_dist.mean * base.vae.config.scaling_factor


@torch.no_grad()
def decode_latents(base: BaseModel, z_BCHW: Tensor) -> Tensor:
    """Return the uint8 pictures (B, H, W, 3) of latents, on the CPU, rounded as diffusers rounds them."""
    pixels = base.vae.decode(z_BCHW.to(base.vae.dtype) / base.vae.config.scaling_factor, return_dict=False)[0]
    pixels_BHWC = (pixels * 0.5 + 0.5).clamp(0, 1).cpu().permute(0, 2, 3, 1).float()
    return (pixels_BHWC * 255).round().to(torch.uint8)
