"""Half precision where the processor or the GPU has units for it: matrix products and convolutions in bfloat16, sums and
weights in float32."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
import torch.nn.functional as F
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.overrides import TorchFunctionMode

_GPU_ATTENTION = [SDPBackend.FLASH_ATTENTION, SDPBackend.EFFICIENT_ATTENTION, SDPBackend.MATH]


class _WholeSums(TorchFunctionMode):
    """Attention and group norms in single precision: in bfloat16 torch 2.13 is two to three times as slow at them on a CPU."""

    def __torch_function__(self, func, types, args=(), kwargs=None):
        kwargs = kwargs or {}
        if func is F.scaled_dot_product_attention:
            query, key, value, *others = args
            with torch.autocast("cpu", enabled=False):
                return func(query.float(), key.float(), value.float(), *others, **kwargs).to(query.dtype)
        if func is F.group_norm:
            x, *others = args
            return func(x.float(), *others, **kwargs).to(x.dtype)
        return func(*args, **kwargs)


@contextmanager
def half_precision(device: torch.device) -> Iterator[None]:
    """Work this thread's forward pass on `device` out in bfloat16 if it multiplies in it; elsewhere that would be slower.

    Measured on two cores of Zen 4: 33 pictures of 128 px a second instead of 20, in batches of 32."""
    if device.type == "cuda":
        # Without cuDNN's attention, whose gradients were not numbers in batches of 256 (torch 2.11, H100).
        with torch.autocast("cuda", dtype=torch.bfloat16), sdpa_kernel(_GPU_ATTENTION):
            yield
        return
    if not torch.cpu._is_avx512_bf16_supported():  # torch has no public question for it
        yield
        return
    # Threads share autocast's cache of cast weights: who finds one there adds gradients up in another order.
    with torch.autocast("cpu", dtype=torch.bfloat16, cache_enabled=False), _WholeSums():
        yield
