"""Traces: the UNet's calls of a drawing, recorded once and then run without Python, with the same bits.

Two cores wait for each other where both parts of a batch need the interpreter: 8 pictures take 1.72 s instead of 1.88 s.
"""

import warnings
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock
from typing import Any
from weakref import WeakKeyDictionary

import torch
from diffusers import UNet2DConditionModel
from diffusers.models.attention_processor import Attention, AttnProcessor2_0
from torch import Tensor, nn

from troupe_worker.attention import RememberWords
from troupe_worker.models import BaseModel

WORTH_CALLS = 120  # Recording takes 0.5 s (0.8 s with an adapter): what 120 calls (160) of two threads win, at 4 to 5 ms each.
KEPT_STRUCTURES = 3  # the plain UNet and what it wore last


class _Asked(nn.Module):
    """The UNet as a function of tensors alone: latents, time, words, what is added, then keys and values of each layer."""

    def __init__(self, unet: UNet2DConditionModel, layers: list[Attention], added: tuple[str, ...]) -> None:
        super().__init__()
        self.unet, self.layers, self.added = unet, layers, added

    def forward(self, x_BCHW: Tensor, t: Tensor, states_BTD: Tensor, *more: Tensor) -> Tensor:
        states_BTD = states_BTD.detach()  # another object: layers know words by it, and the other thread's must stay
        words = more[len(self.added) :]
        for layer, key_BHTD, value_BHTD in zip(self.layers, words[::2], words[1::2], strict=True):
            layer.processor.keep(states_BTD, key_BHTD, value_BHTD)
        added = dict(zip(self.added, more, strict=False)) or None
        return self.unet(x_BCHW, t, encoder_hidden_states=states_BTD, added_cond_kwargs=added, return_dict=False)[0]


@dataclass
class _Structure:
    """One make of a UNet. Calls and graphs are by the kind of the inputs; a graph holds the parameters themselves."""

    parameters: list[nn.Parameter] = field(default_factory=list)
    calls: Counter[tuple] = field(default_factory=Counter)
    graphs: dict[tuple, torch.jit.ScriptModule] = field(default_factory=dict)

    def find_graph(self, asked: _Asked, told: tuple[Tensor, ...], words: list[Tensor]) -> torch.jit.ScriptModule | None:
        """Return the graph of a call, recorded now if this is the call that makes it worth it. One graph serves all numbers of
        rows. While one thread records, the other goes on as before."""
        kind = (asked.added, *((it.ndim, it.shape[1:], it.dtype) for it in told))
        self.calls[kind] += 1
        if kind not in self.graphs and self.calls[kind] > WORTH_CALLS and _RECORDING.acquire(blocking=False):
            try:
                # Of one row: what every layer makes is kept until the end.
                inputs = tuple(it[:1] if it.ndim else it for it in (*told, *words))
                with warnings.catch_warnings():
                    # That sizes become constants is as it should be, they are in the kind; and torch.jit is deprecated.
                    for warning in (torch.jit.TracerWarning, DeprecationWarning):
                        warnings.simplefilter("ignore", warning)
                    self.graphs.setdefault(kind, torch.jit.trace(asked, inputs, check_trace=False))
            finally:
                _RECORDING.release()
        return self.graphs.get(kind)


_KNOWN: WeakKeyDictionary[UNet2DConditionModel, dict[tuple, _Structure]] = WeakKeyDictionary()
_RECORDING = Lock()


@contextmanager
def recorded_calls(base: BaseModel) -> Iterator[None]:
    """Let a UNet on a CPU run from a recorded graph while the context lasts, once it was called often enough. It belongs inside
    `remember_words`; a UNet that somebody looks into, by hooks or processors of attention, is left as it is."""
    unet = base.unet
    if base.device.type != "cpu" or unet.training or not _is_stock(unet):
        yield
        return
    stock, structure = unet.forward, _find_structure(unet)
    layers = [it for it in unet.modules() if isinstance(it, Attention) and isinstance(it.processor, RememberWords)]

    def forward(x_BCHW: Tensor, t: Tensor, encoder_hidden_states: Tensor, added_cond_kwargs: Any = None, **how: Any) -> Any:
        if not torch.is_grad_enabled() and not torch.jit.is_tracing() and how == {"return_dict": False}:
            asked = _Asked(unet, layers, tuple(added_cond_kwargs or ()))
            told = (x_BCHW, t, encoder_hidden_states, *(added_cond_kwargs or {}).values())
            words = [part for layer in layers for part in layer.processor.words(layer, encoder_hidden_states)]
            graph = structure.find_graph(asked, told, words)
            if graph is not None:
                # What the executor would optimise makes its first two calls 0.25 s slower, and later ones no faster.
                with torch.jit.optimized_execution(False):
                    return (graph(*told, *words),)
        return stock(x_BCHW, t, encoder_hidden_states, added_cond_kwargs=added_cond_kwargs, **how)

    unet.forward = forward
    try:
        yield
    finally:
        del unet.forward


def _is_stock(unet: UNet2DConditionModel) -> bool:
    watched = (it for it in unet.modules() if it._forward_hooks or it._forward_pre_hooks or "forward" in vars(it))
    return not any(watched) and all(type(it) in (AttnProcessor2_0, RememberWords) for it in unet.attn_processors.values())


def _find_structure(unet: UNet2DConditionModel) -> _Structure:
    """Return what is known of a UNet as it is made now, its graphs with the parameters that it has now: adapters of one make
    share a graph, which torch never frees all of."""
    made = [(name, type(it), type(getattr(it, "processor", None))) for name, it in unet.named_modules()]
    worn = [it for it in unet.modules() if hasattr(it, "lora_A")]
    how = [(tuple(it.active_adapters), tuple(it.scaling.items()), it.disable_adapters, it.merged) for it in worn]
    parameters = dict(unet.named_parameters())
    key = (*made, *how, *((it.shape, it.dtype) for it in parameters.values()))
    known = _KNOWN.setdefault(unet, {})
    known[key] = structure = known.pop(key, None) or _Structure()  # the newest comes last
    for old in list(known)[:-KEPT_STRUCTURES]:
        del known[old]
    for (name, now), before in zip(parameters.items(), structure.parameters, strict=False):
        owner, _, leaf = f"unet.{name}".rpartition(".")
        for graph in structure.graphs.values() if now is not before else ():
            setattr(graph.get_submodule(owner), leaf, now)
    structure.parameters = list(parameters.values())
    return structure
