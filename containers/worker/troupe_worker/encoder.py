"""The identity encoder, as training may ask it: how alike do two pictures look, as somebody. ONNX Runtime is called here alone.

Letters: B pictures, H and W sides, V width of an identity vector.
"""

import json
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageOps
from torch import Tensor

from troupe_worker.locks import find_encoder
from troupe_worker.training import Encode


def load_encoder(models: Path) -> Encode | None:
    """Return the encoder that lies among the models, or nothing. It is loaded when it is first asked."""
    folder = find_encoder(models)
    return None if folder is None else Encoder(folder)


class Encoder:
    """Uint8 pictures (B, H, W, 3) to unit vectors (B, V), by the card beside the network."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.card = json.loads((folder / "encoder.json").read_text())
        self.session = None

    def __call__(self, pixels_BHWC: Tensor) -> Tensor:
        if self.session is None:
            import onnxruntime  # most jobs never ask

            options = onnxruntime.SessionOptions()
            # One thread adds up in one order: a resumed run must see the same scores.
            options.intra_op_num_threads = options.inter_op_num_threads = 1
            self.session = onnxruntime.InferenceSession(self.folder / "encoder.onnx", options, ["CPUExecutionProvider"])
        pixels_BCHW = np.stack([self._fit(it.numpy()) for it in pixels_BHWC.cpu()])
        (found,) = self.session.run([self.card["output"]], {self.card["input"]: pixels_BCHW})
        return torch.from_numpy(found)

    def _fit(self, pixels_HWC: np.ndarray) -> np.ndarray:
        size = self.card["size"]
        picture = ImageOps.pad(Image.fromarray(pixels_HWC), (size, size), Image.Resampling.LANCZOS, tuple(self.card["pad"]))
        return np.asarray(picture, dtype=np.float32).transpose(2, 0, 1) / 255
