"""Cores: work cut into parts, each on a core of its own. One batch on all cores waits for the slowest of them at every layer."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import torch

Part = TypeVar("Part")


def cut_rows(count: int, device: torch.device) -> list[slice]:
    """Return the rows of each part: as many parts as there are threads on a CPU, one on a card."""
    parts = min(count, torch.get_num_threads()) if device.type == "cpu" else 1
    edges = [count * part // parts for part in range(parts + 1)]
    return [slice(low, high) for low, high in zip(edges, edges[1:], strict=False)]


def run_parts(parts: Sequence[Callable[[], Part]]) -> list[Part]:
    """Run parts side by side and return what they return, in their order. Gradients are as each part itself wants them."""
    if len(parts) == 1:
        return [parts[0]()]
    threads = torch.get_num_threads()
    torch.set_num_threads(max(1, threads // len(parts)))  # threads that start now begin with this number
    try:
        with ThreadPoolExecutor(len(parts)) as pool:
            return list(pool.map(lambda part: part(), parts))
    finally:
        torch.set_num_threads(threads)
