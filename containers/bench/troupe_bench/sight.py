"""Sight: what an instrument reads off pictures, figure by figure. Reader and oracle have one interface; truth has it too.

Shape letters: B pictures, S slots, K keypoints, H and W sides, T unnamed numbers."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import numpy as np
import onnxruntime
import torch
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]  # (B, H, W, 3)
BATCH = 16
PRESENT = 0.5


@dataclass(frozen=True)
class Seen:
    """One figure as it was read. Boxes and points are in 0..1 of the picture; probabilities say how sure each word is."""

    box: NDArray[np.float32]  # (4,) left, top, right, bottom
    head: NDArray[np.float32]  # (4,)
    mask: NDArray[np.bool_]  # (64, 64)
    keypoints: NDArray[np.float32]  # (K, 3) x, y, visible
    words: Mapping[str, str]  # attribute -> value
    sure: Mapping[str, float] = field(default_factory=dict)
    numbers: Mapping[str, float] = field(default_factory=dict)  # unnamed traits, -1 to 1
    choices: Mapping[str, str] = field(default_factory=dict)  # unnamed choices


class Sight(Protocol):
    """Reads pictures."""

    keypoints: tuple[str, ...]

    def read(self, pixels_BHWC: Pixels) -> list[list[Seen]]:
        """Return the figures of each picture, from left to right."""
        ...


class OnnxSight:
    """A reader or oracle in `folder`: `<name>.onnx`, and `<name>.json` with `size`, `keypoints`, `attributes` (values by name).

    Input `pixels` (B, 3, size, size). Outputs, S slots from left to right: `present` (B, S) probability; `boxes` and `heads`
    (B, S, 4) and `keypoints` (B, S, K, 3) in 0..1; `masks` (B, S, 64, 64) probability; `attribute.<name>` (B, S, V) logits. An
    oracle also has, named in its card, `numbers` (B, S, T) and `choice.<name>` (B, S, V): the unnamed traits."""

    def __init__(self, folder: Path, name: str) -> None:
        card = json.loads((folder / f"{name}.json").read_text())
        self.size: int = card["size"]
        self.keypoints: tuple[str, ...] = tuple(card["keypoints"])
        self.attributes: dict[str, list[str]] = card["attributes"]
        self.numbers: list[str] = card.get("numbers", [])
        self.choices: dict[str, list[str]] = card.get("choices", {})
        self.session = open_session(folder / f"{name}.onnx")
        self.outputs = [output.name for output in self.session.get_outputs()]

    def read(self, pixels_BHWC: Pixels) -> list[list[Seen]]:
        found: list[list[Seen]] = []
        for start in range(0, len(pixels_BHWC), BATCH):
            batch = pixels_BHWC[start : start + BATCH]
            values = self.session.run(None, {"pixels": to_pixels(batch, self.size)})
            out = dict(zip(self.outputs, values, strict=True))
            for row in range(len(batch)):
                shown = [slot for slot in range(out["present"].shape[1]) if out["present"][row, slot] > PRESENT]
                found.append([self._see(out, row, slot) for slot in shown])
        return found

    def _see(self, out: Mapping[str, np.ndarray], row: int, slot: int) -> Seen:
        words, sure = {}, {}
        for name, values in self.attributes.items():
            likely = _softmax(out[f"attribute.{name}"][row, slot])
            words[name], sure[name] = values[int(likely.argmax())], float(likely.max())
        numbers = dict(zip(self.numbers, map(float, out["numbers"][row, slot]), strict=True)) if self.numbers else {}
        choices = {name: values[int(out[f"choice.{name}"][row, slot].argmax())] for name, values in self.choices.items()}
        return Seen(
            out["boxes"][row, slot], out["heads"][row, slot], out["masks"][row, slot] > 0.5, out["keypoints"][row, slot],
            words, sure, numbers, choices,
        )  # fmt: skip


def open_session(file: Path) -> onnxruntime.InferenceSession:
    """Open a model on as many cores as this process may use."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = torch.get_num_threads()
    return onnxruntime.InferenceSession(file, options, providers=["CPUExecutionProvider"])


def main_figure(figures: list[Seen]) -> Seen | None:
    """Return the figure that fills most of the picture."""
    return max(figures, key=lambda seen: float(np.prod(seen.box[2:] - seen.box[:2])), default=None)


def to_pixels(pixels_BHWC: Pixels, size: int) -> NDArray[np.float32]:
    """Return (B, 3, size, size) float32 in 0..1 of square pictures of that size."""
    if pixels_BHWC.shape[1:3] != (size, size):
        raise ValueError(f"pictures of {pixels_BHWC.shape[1:3]} for an instrument of {size} x {size} pixels")
    return np.ascontiguousarray(pixels_BHWC.transpose(0, 3, 1, 2), np.float32) / 255


def _softmax(logits: np.ndarray) -> np.ndarray:
    powers = np.exp(logits - logits.max())
    return powers / powers.sum()
