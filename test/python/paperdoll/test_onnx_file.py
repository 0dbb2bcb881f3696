"""A net's file holds the net, at half the bytes where asked, and nothing of the machine that wrote it."""

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from paperdoll.train.onnx_file import write_onnx
from torch import nn

ROOT = Path(__file__).parents[3]
COMMITTED = [*ROOT.glob("models/*/*.onnx"), *ROOT.glob("bench/oracle/*.onnx")]


@pytest.mark.parametrize("halve", [False, True])
def test_a_file_answers_as_its_net_and_says_nothing_of_its_source(tmp_path, halve):
    torch.manual_seed(1)
    net = nn.Sequential(nn.Conv2d(3, 24, 5), nn.SiLU(), nn.Conv2d(24, 2, 3))
    path = tmp_path / "made" / "net.onnx"
    write_onnx(net, torch.rand(2, 3, 20, 20), ["answer"], path, {0: "batch", 2: "height", 3: "width"}, halve=halve)
    pixels = torch.rand(1, 3, 12, 17)
    (answer,) = onnxruntime.InferenceSession(path).run(["answer"], {"pixels": pixels.numpy()})
    assert np.abs(answer - net(pixels).detach().numpy()).max() < (1e-2 if halve else 1e-5)
    large = [tensor for tensor in onnx.load(path).graph.initializer if np.prod(tensor.dims) >= 1_000]
    assert {tensor.data_type for tensor in large} == {onnx.TensorProto.FLOAT16 if halve else onnx.TensorProto.FLOAT}
    assert str(ROOT).encode() not in path.read_bytes()


@pytest.mark.parametrize("path", COMMITTED, ids=lambda path: path.name)
def test_a_committed_net_says_nothing_of_its_source(path):
    assert not any(node.metadata_props for node in onnx.load(path).graph.node)
