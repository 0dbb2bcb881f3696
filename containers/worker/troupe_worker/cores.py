"""Cores: work cut into parts, each on a core of its own. One batch on all cores waits for the slowest of them at every layer."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, TypeVar

import torch
from torch import Tensor

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


def answer_in_parts(
    answer: Callable[[slice, Tensor], Tensor], told_BTD: Tensor, weights: Sequence[Tensor], cuts: Sequence[slice]
) -> Tensor:
    """Return `answer(rows, told of these rows)` of all parts as one batch (B, ...), with gradients to `told_BTD` and `weights`.
    Each core goes its share of the way back too; what weights learn of each part is added up in the order of the parts."""
    if len(cuts) == 1:
        return answer(cuts[0], told_BTD)
    return _InParts.apply(answer, cuts, told_BTD, *weights)


class _InParts(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, answer: Callable, cuts: Sequence[slice], told_BTD: Tensor, *weights: Tensor) -> Tensor:
        leaves = [told_BTD[rows].detach().requires_grad_(told_BTD.requires_grad) for rows in cuts]

        def ask(part: int) -> Tensor:
            with torch.enable_grad():
                return answer(cuts[part], leaves[part])

        ctx.cuts, ctx.leaves, ctx.weights = cuts, leaves, weights
        ctx.answers = run_parts([partial(ask, part) for part in range(len(cuts))])
        return torch.cat([it.detach() for it in ctx.answers])

    @staticmethod
    def backward(ctx: Any, slope_B: Tensor) -> tuple[Tensor | None, ...]:
        wanted = ctx.needs_input_grad[2:]

        def go_back(part: int) -> list[Tensor | None]:
            inputs = [it for it, needed in zip((ctx.leaves[part], *ctx.weights), wanted, strict=True) if needed]
            return list(torch.autograd.grad(ctx.answers[part], inputs, slope_B[ctx.cuts[part]], allow_unused=True))

        found = run_parts([partial(go_back, part) for part in range(len(ctx.cuts))])
        told = torch.cat([part.pop(0) for part in found]) if wanted[0] else None
        sums = iter([None if pair[0] is None else sum(pair[1:], pair[0]) for pair in zip(*found, strict=True)])
        return (None, None, told, *(next(sums) if needed else None for needed in wanted[1:]))
