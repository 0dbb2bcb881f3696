"""Attention: processors that look into, or change, how a UNet attends. Later methods add theirs here, each as one processor.

Letters: B pictures, N queries (places in the latent), T keys (tokens), heads folded into B where marked G.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from diffusers.models.attention_processor import Attention, AttnProcessor2_0
from torch import Tensor

from troupe_worker.models import BaseModel

Maps = dict[str, list[Tensor]]  # layer name -> one (B, N, T) map per UNet call, mean over heads


class RecordMaps:
    """Attend with explicit probabilities and keep them. Fused kernels never show theirs."""

    def __init__(self, kept: list[Tensor]) -> None:
        self.kept = kept

    def __call__(
        self, attn: Attention, hidden_states: Tensor, encoder_hidden_states: Tensor | None = None, **unused: object
    ) -> Tensor:
        told = hidden_states if encoder_hidden_states is None else encoder_hidden_states
        query_GND = attn.head_to_batch_dim(attn.to_q(hidden_states))
        key_GTD = attn.head_to_batch_dim(attn.to_k(told))
        value_GTD = attn.head_to_batch_dim(attn.to_v(told))
        chance_GNT = attn.get_attention_scores(query_GND, key_GTD)
        self.kept.append(chance_GNT.unflatten(0, (-1, attn.heads)).mean(dim=1))
        attended_BND = attn.batch_to_head_dim(torch.bmm(chance_GNT, value_GTD))
        return attn.to_out[1](attn.to_out[0](attended_BND))


def cross_attention_layers(base: BaseModel) -> list[str]:
    """Return the names of the layers where pictures attend to words."""
    return [name for name, module in base.unet.named_modules() if name.endswith("attn2") and isinstance(module, Attention)]


@contextmanager
def record_maps(base: BaseModel, layers: list[str]) -> Iterator[Maps]:
    """Keep the attention maps of these layers while the context lasts, with their graph where gradients are on."""
    maps: Maps = {layer: [] for layer in layers}
    before: dict[Attention, object] = {}
    for layer in layers:
        module = base.unet.get_submodule(layer)
        assert isinstance(module, Attention) and isinstance(module.processor, AttnProcessor2_0)
        before[module] = module.processor
        module.set_processor(RecordMaps(maps[layer]))
    try:
        yield maps
    finally:
        for module, processor in before.items():
            module.set_processor(processor)
