"""LoRA: low-rank updates on a UNet's attention, in the key names of stock `load_lora_weights`. peft is called here alone."""

import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import torch
from diffusers import UNet2DConditionModel
from peft import LoraConfig
from torch import Tensor, nn

from troupe_worker.models import BaseModel

ATTENTION_LAYERS = ("to_q", "to_k", "to_v", "to_out.0")
PREFIX = "unet."


def add_lora(base: BaseModel, name: str, rank: int, random: torch.Generator) -> dict[str, nn.Parameter]:
    """Attach a fresh adapter (float32, no effect yet) and return its parameters by their names in a file: all that trains."""
    # alpha = rank makes the scale 1, which readers that know no alpha assume.
    config = LoraConfig(r=rank, lora_alpha=rank, target_modules=list(ATTENTION_LAYERS), init_lora_weights=False)
    base.unet.add_adapter(config, name)
    parameters = lora_parameters(base.unet, name)
    with torch.no_grad():
        for key, parameter in parameters.items():
            parameter.data = parameter.data.float()
            if key.endswith("lora_A.weight"):
                bound = 1 / math.sqrt(parameter.shape[1])
                values = torch.rand(parameter.shape, generator=random) * 2 * bound - bound
                parameter.copy_(values)
            else:
                parameter.zero_()
    return parameters


def lora_parameters(unet: UNet2DConditionModel, name: str) -> dict[str, nn.Parameter]:
    """Return the parameters of the adapter `name` by their names in a file, in a fixed order."""
    marks = (f".lora_A.{name}.weight", f".lora_B.{name}.weight")
    found = {
        PREFIX + key.replace(f".{name}.weight", ".weight"): parameter
        for key, parameter in unet.named_parameters()
        if key.endswith(marks)
    }
    return dict(sorted(found.items()))


def load_lora(base: BaseModel, name: str, weights: Mapping[str, Tensor]) -> None:
    """Attach an adapter read from a file."""
    rank = next(tensor.shape[0] for key, tensor in weights.items() if key.endswith("lora_A.weight"))
    parameters = add_lora(base, name, rank, torch.Generator().manual_seed(0))
    if parameters.keys() != weights.keys():
        raise ValueError(f"the adapter has {len(weights)} tensors for other layers than the {len(parameters)} of this model")
    with torch.no_grad():
        for key, parameter in parameters.items():
            parameter.data = weights[key].to(base.device, base.dtype)
            parameter.requires_grad_(False)


@contextmanager
def wear_loras(base: BaseModel, adapters: Mapping[str, Mapping[str, Tensor]]) -> Iterator[None]:
    """Attach several adapters, each at full strength, while the context lasts."""
    try:
        for name, weights in adapters.items():
            load_lora(base, name, weights)
        base.unet.set_adapter(list(adapters))
        yield
    finally:
        drop_loras(base)


def drop_loras(base: BaseModel) -> None:
    """Take every adapter off: the UNet is again the one that was loaded."""
    if getattr(base.unet, "peft_config", None):
        base.unet.unload_lora()
