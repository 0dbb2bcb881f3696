"""An identity encoder for photographs: a DINOv2 or CLIP folder behind the interface that the drawn world's encoder has.

Shape letters: B pictures, H and W sides, D dimensions of the vector."""

import json
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from transformers import CLIPVisionModelWithProjection, Dinov2Model

from paperdoll.train.checkpoint import write_json
from paperdoll.train.onnx_file import write_onnx

KINDS: dict[str, type] = {
    "dinov2": Dinov2Model,
    "clip": CLIPVisionModelWithProjection,
    "clip_vision_model": CLIPVisionModelWithProjection,
}


class PhotoEncoder(nn.Module):
    """(B, 3, size, size) in 0..1 to (B, D) of unit length: the class token of DINOv2, the projected one of CLIP."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        kind = _read(folder / "config.json").get("model_type")
        if kind not in KINDS:
            raise ValueError(f"{folder} is of the kind {kind}: an encoder is made of {' or '.join(KINDS)}")
        prepared = _read(folder / "preprocessor_config.json")
        # Without safetensors nothing is loaded: what is pickled could be a program.
        self.model = KINDS[kind].from_pretrained(folder, use_safetensors=True, local_files_only=True, attn_implementation="eager")
        self.size = _side(prepared.get("crop_size") or prepared["size"])
        for name in ("mean", "std"):
            self.register_buffer(name, torch.tensor(prepared[f"image_{name}"])[:, None, None])

    def forward(self, pixels: Tensor) -> Tensor:
        seen = self.model(pixel_values=(pixels - self.mean) / self.std)
        vectors_BD = seen.image_embeds if "image_embeds" in seen else seen.last_hidden_state[:, 0]
        return F.normalize(vectors_BD, dim=1)


@torch.inference_mode()
def export_photo_encoder(source: Path, folder: Path, version: str) -> None:
    """Write encoder.onnx (pixels to vector, any batch; weights in half precision) and encoder.json to `folder`."""
    encoder = PhotoEncoder(source).eval()
    pixels = torch.rand(2, 3, encoder.size, encoder.size)
    write_onnx(encoder, pixels, ["vector"], folder / "encoder.onnx", {0: "batch"}, halve=True)
    # What is padded is grey as the model knows it: its mean, which says nothing.
    pad = [round(255 * shade) for shade in encoder.mean.flatten().tolist()]
    card = {"name": source.name.lower()[:48], "version": version, "size": encoder.size, "dimensions": encoder(pixels).shape[1]}
    write_json(card | {"input": "pixels", "output": "vector", "pad": pad}, folder / "encoder.json")


def _read(path: Path) -> dict:
    if not path.exists():
        raise ValueError(f"{path} is not there: give a folder as transformers saves it")
    return json.loads(path.read_text())


def _side(size: dict[str, int] | int) -> int:
    return size if isinstance(size, int) else size.get("height") or size["shortest_edge"]
