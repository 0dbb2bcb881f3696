"""Half precision of trainings: where the processor has no units for it nothing changes; where it has, sums stay exact."""

import pytest
import torch
from paperdoll.train.half import half_precision
from torch import nn
from torch.nn import functional as F

CPU = torch.device("cpu")
has_units = torch.cpu._is_avx512_bf16_supported()


def test_without_units_everything_stays_single(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: False)
    net, x_BCHW = nn.Conv2d(3, 8, 3), torch.rand(2, 3, 9, 9)
    with half_precision(CPU):
        made = net(x_BCHW)
    assert made.dtype == torch.float32
    assert torch.equal(made, net(x_BCHW))


def test_products_are_halved_and_sums_are_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: True)  # without units it is slower, and the same
    torch.manual_seed(1)
    line, norm, q_BHND = nn.Linear(16, 16), nn.GroupNorm(2, 4), torch.randn(2, 4, 10, 16)
    with half_precision(CPU):
        halved = line(q_BHND)
        attended = F.scaled_dot_product_attention(halved, halved, halved)
        normed = norm(halved)
    assert halved.dtype == attended.dtype == normed.dtype == torch.bfloat16
    # Rounded once at the end: equal to what single precision makes of the same numbers.
    single = halved.float()
    assert torch.equal(attended, F.scaled_dot_product_attention(single, single, single).bfloat16())
    assert torch.equal(normed, norm(single).bfloat16())


@pytest.mark.skipif(not has_units, reason="this processor does not multiply in bfloat16")
def test_gradients_come_out_nearly_alike() -> None:
    torch.manual_seed(2)
    net = nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), nn.GroupNorm(2, 8), nn.SiLU(), nn.Conv2d(8, 4, 3, padding=1))
    x_BCHW, weights = torch.randn(4, 3, 8, 8), list(net.parameters())
    single = torch.autograd.grad(net(x_BCHW).square().mean(), weights)
    with half_precision(CPU):
        made = net(x_BCHW)
    half = torch.autograd.grad(made.float().square().mean(), weights)
    for one, other in zip(single, half, strict=True):
        assert other.dtype == torch.float32
        assert F.cosine_similarity(one.flatten(), other.flatten(), dim=0) > 0.99
