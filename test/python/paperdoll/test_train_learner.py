"""A step of the optimiser moves each number by its own gradient, in whatever order the picture's bytes lie."""

import pytest
import torch
from paperdoll.train.learner import Learner, LearnSettings
from torch import nn

FORMATS = [torch.contiguous_format, torch.channels_last]


@pytest.mark.parametrize("weights", FORMATS)
@pytest.mark.parametrize("memory_format", FORMATS)
def test_a_step_is_that_of_plain_adamw(memory_format, weights):
    torch.manual_seed(2)
    net, plain = nn.Conv2d(3, 5, 3).to(memory_format=weights), nn.Conv2d(3, 5, 3)
    plain.load_state_dict(net.state_dict())
    learner = Learner(net, LearnSettings(minutes=1, rate=1e-2, steps=4, warmup_steps=1, decay_from=1.0, clip=1e9))
    beside = torch.optim.AdamW(plain.parameters(), lr=1e-2, betas=(0.9, 0.99), weight_decay=0.01, fused=False)
    x = torch.rand(4, 3, 9, 9).contiguous(memory_format=memory_format)

    def part():
        return net(x).square().mean(), {}, len(x)

    for _ in range(3):
        learner.learn([part, part])
        beside.zero_grad()
        plain(x).square().mean().backward()
        beside.step()
    torch.testing.assert_close(net.weight, plain.weight)
    torch.testing.assert_close(net.bias, plain.bias)
