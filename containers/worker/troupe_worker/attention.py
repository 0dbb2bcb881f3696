"""Attention: processors that look into, or change, how a UNet attends. Later methods add theirs here, each as one processor.

Letters: B pictures, N queries (places in the latent), T keys (tokens), heads folded into B where marked G.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from diffusers.models.attention_processor import Attention, AttnProcessor2_0
from torch import Tensor
from torch.nn import functional

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


class RememberWords:
    """Attend as stock does, bit for bit, but work out the keys and values of words once: they are the same at every step."""

    def __init__(self) -> None:
        self.kept: dict[int, tuple[Tensor, Tensor, Tensor]] = {}

    def __call__(
        self,
        attn: Attention,
        hidden_states: Tensor,
        encoder_hidden_states: Tensor | None = None,
        attention_mask: Tensor | None = None,
        **unused: object,
    ) -> Tensor:
        assert encoder_hidden_states is not None and attention_mask is None
        key_BHTD, value_BHTD = self.words(attn, encoder_hidden_states)
        query_BHND = attn.to_q(hidden_states).unflatten(-1, (attn.heads, -1)).transpose(1, 2)
        attended_BHND = functional.scaled_dot_product_attention(query_BHND, key_BHTD, value_BHTD)
        attended_BND = attended_BHND.transpose(1, 2).flatten(2)
        return attn.to_out[1](attn.to_out[0](attended_BND))

    def words(self, attn: Attention, states_BTD: Tensor) -> tuple[Tensor, Tensor]:
        """Return the keys and values of words, (B, heads, T, D) both: those that are kept, if these words were met before."""
        if id(states_BTD) not in self.kept:
            parts = (part(states_BTD).unflatten(-1, (attn.heads, -1)).transpose(1, 2) for part in (attn.to_k, attn.to_v))
            self.keep(states_BTD, *parts)
        return self.kept[id(states_BTD)][1:]

    def keep(self, states_BTD: Tensor, key_BHTD: Tensor, value_BHTD: Tensor) -> None:
        """Take these for the keys and values of words."""
        # The words are kept too: their id must not pass to others.
        self.kept[id(states_BTD)] = (states_BTD, key_BHTD, value_BHTD)


@contextmanager
def remember_words(base: BaseModel) -> Iterator[None]:
    """Let every layer that attends to words remember them while the context lasts; the words must not change in place."""
    layers = [base.unet.get_submodule(layer) for layer in cross_attention_layers(base)]
    stock = [layer for layer in layers if isinstance(layer.processor, AttnProcessor2_0)]
    for layer in stock:
        layer.set_processor(RememberWords())
    try:
        yield
    finally:
        for layer in stock:
            layer.set_processor(AttnProcessor2_0())


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
