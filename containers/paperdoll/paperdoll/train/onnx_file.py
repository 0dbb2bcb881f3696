"""Nets as ONNX files: one picture goes in as `pixels`, whatever comes out has a name."""

from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor, nn

_SMALL = 1_000  # numbers in a tensor: below it half the bytes are not worth a node more


@torch.inference_mode()
def write_onnx(
    net: nn.Module,
    pixels_B3HW: Tensor,
    outputs: list[str],
    path: Path,
    free: dict[int, str],
    *,
    halve: bool = False,
    optimise: bool = True,
) -> None:
    """Write `net` to `path`. `free` names the axes of pixels that may have any length, of which `pixels_B3HW` is an example.

    `halve` keeps large weights as float16 and casts them when the file is loaded: half the bytes, the same speed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    torch.onnx.export(
        net.eval(),
        (pixels_B3HW,),
        path,
        input_names=["pixels"],
        output_names=outputs,
        dynamic_shapes=({axis: torch.export.Dim(name, min=1, max=4096) for axis, name in free.items()},),
        opset_version=18,
        dynamo=True,
        external_data=False,
        optimize=optimise,
    )
    model = onnx.load(path)
    for node in model.graph.node:  # where in the source it came from: a tenth of the file, and folders of whoever wrote it
        node.ClearField("metadata_props")
    if halve:
        _halve_weights(model)
    onnx.save(model, path)


def _halve_weights(model: onnx.ModelProto) -> None:
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
