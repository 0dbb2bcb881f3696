"""Eyes as one ONNX file: pixels in, all that is found and read out, at the places that the eyes found themselves.

Shape letters: B pictures, S slots, K keypoints, V values of an attribute, T unnamed numbers, N figures, H and W sides."""

from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor, nn

from paperdoll.drawing.parts import PARTS
from paperdoll.sight.names import ATTRIBUTES, CHOICE_TRAITS, KEYPOINTS, NUMBERS, SLOTS
from paperdoll.sight.nets import BODY_MARGIN, HEAD_MARGIN, Eyes, Squares, square_of
from paperdoll.sight.scenes import SIZE
from paperdoll.train.checkpoint import write_json

_SMALL = 1_000  # numbers in a tensor: below it half the bytes are not worth a node more


class Sight(nn.Module):
    """Eyes that look closely where they found somebody; `unnamed` adds the traits that no caption names."""

    def __init__(self, eyes: Eyes, unnamed: bool) -> None:
        super().__init__()
        self.eyes, self.unnamed = eyes, unnamed

    def forward(self, pixels: Tensor) -> tuple[Tensor, ...]:
        """Return what `output_names` names, of (B, 3, 128, 128) in 0..1."""
        found = self.eyes.locator(pixels)
        heads = square_of(found["heads"].flatten(0, 1), HEAD_MARGIN)
        bodies = square_of(found["boxes"].flatten(0, 1), BODY_MARGIN)
        read = self.eyes.look(pixels.repeat_interleave(SLOTS, 0), Squares(heads, bodies))
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


@torch.inference_mode()
def export_eyes(eyes: Eyes, folder: Path, name: str, unnamed: bool, samples: int) -> None:
    """Write `<name>.onnx` (weights in half precision, worked with in single) and `<name>.json` to `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.onnx"
    torch.onnx.export(
        Sight(eyes, unnamed).eval(),
        (torch.rand(2, 3, SIZE, SIZE),),
        path,
        input_names=["pixels"],
        output_names=output_names(unnamed),
        dynamic_shapes=({0: torch.export.Dim("batch", min=1, max=4096)},),
        opset_version=18,
        dynamo=True,
        external_data=False,
        optimize=False,  # a folded weight has lost its name, and could not be read back
    )
    onnx.save(halve_weights(onnx.load(path)), path)
    card: dict[str, object] = {"name": f"paperdoll-{name}", "size": SIZE, "samples": samples}
    card |= {"keypoints": KEYPOINTS, "parts": PARTS, "attributes": ATTRIBUTES}
    write_json(card | ({"numbers": NUMBERS, "choices": CHOICE_TRAITS} if unnamed else {}), folder / f"{name}.json")


def halve_weights(model: onnx.ModelProto) -> onnx.ModelProto:
    """Return the model with its large weights kept as float16 and cast when it is loaded: half the bytes, the same speed."""
    casts = []
    for tensor in model.graph.initializer:
        if tensor.data_type != TensorProto.FLOAT or np.prod(tensor.dims) < _SMALL:
            continue
        name, kept = tensor.name, f"{tensor.name}.half"
        tensor.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(tensor).astype(np.float16), kept))
        casts.append(helper.make_node("Cast", [kept], [name], f"cast.{name}", to=TensorProto.FLOAT))
    nodes = list(model.graph.node)
    del model.graph.node[:]
    model.graph.node.extend(casts + nodes)
    for node in model.graph.node:  # where in the source each node came from: a tenth of the file
        node.ClearField("metadata_props")
    return model


def read_eyes(path: Path) -> dict[str, Tensor]:
    """Return the weights that an exported file holds, to go on training from."""
    held = {tensor.name.removesuffix(".half"): numpy_helper.to_array(tensor) for tensor in onnx.load(path).graph.initializer}
    weights = {name: held.get(f"eyes.{name}") for name in Eyes().state_dict()}
    lacking = [name for name, value in weights.items() if value is None]
    if lacking:
        raise ValueError(f"{path} holds no {lacking[0]} ({len(lacking)} of {len(weights)} tensors lack): export it again")
    return {name: torch.from_numpy(value.astype(np.float32)) for name, value in weights.items()}
