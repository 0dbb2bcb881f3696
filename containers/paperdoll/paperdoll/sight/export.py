"""Eyes as one ONNX file: pixels in, all that is found and read out, at the places that the eyes found themselves.

Shape letters: B pictures, S slots, K keypoints, V values of an attribute, T unnamed numbers, N figures, H and W sides."""

from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch import Tensor, nn

from paperdoll.drawing.parts import PARTS
from paperdoll.sight.names import ATTRIBUTES, CHOICE_TRAITS, KEYPOINTS, NUMBERS, SLOTS
from paperdoll.sight.nets import Eyes, squares_of
from paperdoll.sight.scenes import SIZE
from paperdoll.train.checkpoint import write_json
from paperdoll.train.onnx_file import write_onnx


class Sight(nn.Module):
    """Eyes that look closely where they found somebody; `unnamed` adds the traits that no caption names."""

    def __init__(self, eyes: Eyes, unnamed: bool) -> None:
        super().__init__()
        self.eyes, self.unnamed = eyes, unnamed

    def forward(self, pixels: Tensor) -> tuple[Tensor, ...]:
        """Return what `output_names` names, of (B, 3, 128, 128) in 0..1."""
        found = self.eyes.locator(pixels)
        at = squares_of(found["heads"].flatten(0, 1), found["boxes"].flatten(0, 1))
        read = self.eyes.look(pixels.repeat_interleave(SLOTS, 0), at)
        read = {name: value.unflatten(0, (-1, SLOTS)) for name, value in read.items()}
        seen = torch.sigmoid(found["seen"])[..., None]
        values = [
            torch.sigmoid(found["present"]),
            found["boxes"],
            found["heads"],
            found["owners"].softmax(1)[:, 1:],
            found["parts"],
            torch.cat([read["points"], seen], 3),
            *(read[name] for name in ATTRIBUTES),
        ]
        if self.unnamed:
            values += [read["numbers"], *(read[f"choice {name}"] for name in CHOICE_TRAITS)]
        return tuple(values)


def output_names(unnamed: bool) -> list[str]:
    """Return the names of the outputs, in order."""
    names = ["present", "boxes", "heads", "masks", "parts", "keypoints", *(f"attribute.{name}" for name in ATTRIBUTES)]
    return names + (["numbers", *(f"choice.{name}" for name in CHOICE_TRAITS)] if unnamed else [])


def export_eyes(eyes: Eyes, folder: Path, name: str, unnamed: bool, samples: int) -> None:
    """Write `<name>.onnx` (weights in half precision, worked with in single) and `<name>.json` to `folder`."""
    pixels, names, path = torch.rand(2, 3, SIZE, SIZE), output_names(unnamed), folder / f"{name}.onnx"
    # Not optimised: a folded weight has lost its name, and could not be read back.
    write_onnx(Sight(eyes, unnamed), pixels, names, path, {0: "batch"}, halve=True, optimise=False)
    card: dict[str, object] = {"name": f"paperdoll-{name}", "size": SIZE, "samples": samples}
    card |= {"keypoints": KEYPOINTS, "parts": PARTS, "attributes": ATTRIBUTES}
    write_json(card | ({"numbers": NUMBERS, "choices": CHOICE_TRAITS} if unnamed else {}), folder / f"{name}.json")


def read_eyes(path: Path) -> dict[str, Tensor]:
    """Return the weights that an exported file holds, to go on training from."""
    held = {tensor.name.removesuffix(".half"): numpy_helper.to_array(tensor) for tensor in onnx.load(path).graph.initializer}
    weights = {name: held.get(f"eyes.{name}") for name in Eyes().state_dict()}
    lacking = [name for name, value in weights.items() if value is None]
    if lacking:
        raise ValueError(f"{path} holds no {lacking[0]} ({len(lacking)} of {len(weights)} tensors lack): export it again")
    return {name: torch.from_numpy(value.astype(np.float32)) for name, value in weights.items()}
