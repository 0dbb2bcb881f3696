"""The projector: a small residual network from a feature of the UNet's encoder to vectors in the space of text states.

Letters: B features, F channels, H and W sides, L tokens of the base word, D width of a token's state.
"""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

SMALLEST_SIDE = 2  # a stage that would halve a smaller map is left out


class Projector(nn.Module):
    """Features (B, F, H, W) to vectors (B, L, D). It belongs to one base model and one size: its own sizes follow from them."""

    def __init__(self, channels: int, side: int, tokens: int, width: int, adain: bool = False) -> None:
        super().__init__()
        narrow = channels // 2
        layers = [nn.Conv2d(channels, narrow, 7, stride=2, padding=3), nn.BatchNorm2d(narrow), nn.ReLU()]
        layers += [_Residual(narrow, narrow, 1), _Residual(narrow, narrow, 1)]
        side = math.ceil(side / 2)
        for _ in range(2):
            if side <= SMALLEST_SIDE:
                break
            layers += [_Residual(narrow, narrow // 2, 2), _Residual(narrow // 2, narrow // 2, 1)]
            narrow, side = narrow // 2, math.ceil(side / 2)
        self.layers = nn.Sequential(*layers)
        self.head = nn.Linear(narrow * side * side, tokens * width)
        self.norm = nn.LayerNorm(width)
        # Our guess at the paper's AdaIN: scale and shift from the word itself, at first without effect.
        self.adain = nn.Linear(width, 2 * width) if adain else None
        self.tokens = tokens

    def forward(self, features_BFHW: Tensor) -> Tensor:
        flat = self.head(self.layers(features_BFHW).flatten(1))
        return self.norm(flat.unflatten(1, (self.tokens, -1)))

    def start(self, random: torch.Generator) -> "Projector":
        """Set every number anew from `random`: Xavier-uniform weights, the usual biases, no effect of AdaIN."""
        with torch.no_grad():
            for module in self.modules():
                if isinstance(module, nn.Conv2d | nn.Linear):
                    nn.init.xavier_uniform_(module.weight, generator=random)
                    bound = 1 / math.sqrt(module.weight[0].numel())
                    nn.init.uniform_(module.bias, -bound, bound, generator=random)
            if self.adain is not None:
                self.adain.weight.zero_()
                self.adain.bias.zero_()
        return self


def modulate(vectors_BLD: Tensor, words_BLD: Tensor, adain: tuple[Tensor, Tensor] | None) -> Tensor:
    """Fit vectors to the words that they will be added to, where the projector has an AdaIN head (its weight and bias)."""
    if adain is None:
        return vectors_BLD
    scale_BLD, shift_BLD = functional.linear(words_BLD, *adain).chunk(2, dim=-1)
    return vectors_BLD * (1 + scale_BLD) + shift_BLD


class _Residual(nn.Module):
    """Two 3 x 3 convolutions beside a skip: the identity, or a 1 x 1 convolution where the size changes."""

    def __init__(self, wide: int, narrow: int, stride: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(wide, narrow, 3, stride=stride, padding=1)
        self.first_norm = nn.BatchNorm2d(narrow)
        self.second = nn.Conv2d(narrow, narrow, 3, padding=1)
        self.second_norm = nn.BatchNorm2d(narrow)
        self.skip = nn.Identity() if stride == 1 else nn.Conv2d(wide, narrow, 1, stride=stride)

    def forward(self, x_BFHW: Tensor) -> Tensor:
        found = torch.relu(self.first_norm(self.first(x_BFHW)))
        return torch.relu(self.second_norm(self.second(found)) + self.skip(x_BFHW))
