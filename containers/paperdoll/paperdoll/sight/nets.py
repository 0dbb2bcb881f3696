"""The eyes: a net that finds figures, and two that look closely at what it found, at one scale whatever the framing.

A head takes 70 px of a portrait and 35 of a whole body; cut out and brought to one size, the same eye is always the same
size, so that a small net on few pictures learns it. Shape letters: B pictures, S slots, K keypoints, P parts, F features,
C channels, H and W sides."""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from paperdoll.drawing.parts import PARTS
from paperdoll.sight.names import (
    BODY_ATTRIBUTES,
    BODY_NUMBERS,
    CHOICE_TRAITS,
    HEAD_ATTRIBUTES,
    HEAD_NUMBERS,
    KEYPOINTS,
    SLOTS,
)  # fmt: skip

HEAD_SIDE, BODY_SIDE = 48, 64  # pixels of a cut-out
HEAD_MARGIN, BODY_MARGIN = 1.25, 1.15  # of a cut-out to its box
_GROUPS = 8


class _Residual(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.first, self.second = nn.Conv2d(width, width, 3, padding=1), nn.Conv2d(width, width, 3, padding=1)
        self.norm_first, self.norm_second = nn.GroupNorm(_GROUPS, width), nn.GroupNorm(_GROUPS, width)
        nn.init.zeros_(self.second.weight)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.second(F.silu(self.norm_second(self.first(F.silu(self.norm_first(x))))))


def _down(before: int, after: int) -> nn.Module:
    return nn.Conv2d(before, after, 3, stride=2, padding=1)


class Locator(nn.Module):
    """(B, 3, 128, 128) in 0..1 to owners, parts, boxes, heads and keypoints."""

    def __init__(self, widths: tuple[int, int, int] = (32, 64, 128)) -> None:
        super().__init__()
        near, middle, far = widths
        self.stem = nn.Sequential(nn.PixelUnshuffle(4), nn.Conv2d(48, near, 3, padding=1), _Residual(near))
        self.middle = nn.Sequential(_down(near, middle), _Residual(middle), _Residual(middle))
        self.far = nn.Sequential(_down(middle, far), _Residual(far), _Residual(far), _Residual(far))
        self.back = nn.Conv2d(far, middle, 1)
        self.again = _Residual(middle)
        self.join = nn.Sequential(nn.Conv2d(middle + near, 48, 3, padding=1), nn.GroupNorm(_GROUPS, 48), nn.SiLU())
        self.squeeze = nn.Sequential(nn.Conv2d(far, 32, 1), nn.SiLU(), nn.Flatten(), nn.Linear(32 * 64, 256), nn.SiLU())
        self.boxes = nn.Linear(256, SLOTS * 9)
        self.owners = nn.Conv2d(48, SLOTS + 1, 1)
        self.parts = nn.Conv2d(48, len(PARTS), 1)
        self.points = nn.Conv2d(48, SLOTS * len(KEYPOINTS), 1)
        self.seen = nn.Linear(256, SLOTS * len(KEYPOINTS))

    def forward(self, pixels: Tensor) -> dict[str, Tensor]:
        """Return logits of `present` (B, S), `owners` (B, S + 1, 64, 64), `parts` (B, P, 64, 64) and `seen` (B, S, K); `boxes`
        and `heads` (B, S, 4) and `points` (B, S, K, 2) in 0..1."""
        near = self.stem(pixels * 2 - 1)
        middle = self.middle(near)
        far = self.far(middle)
        middle = self.again(middle + F.interpolate(self.back(far), scale_factor=2.0, mode="nearest"))
        fine = self.join(torch.cat([near, F.interpolate(middle, scale_factor=2.0, mode="nearest")], 1))
        whole = self.squeeze(far)
        numbers = self.boxes(whole).view(-1, SLOTS, 9)
        return {
            "present": numbers[..., 0],
            "boxes": torch.sigmoid(numbers[..., 1:5]),
            "heads": torch.sigmoid(numbers[..., 5:9]),
            "owners": F.interpolate(self.owners(fine), scale_factor=2.0, mode="bilinear", align_corners=False),
            "parts": F.interpolate(self.parts(fine), scale_factor=2.0, mode="bilinear", align_corners=False),
            "points": _find_points(self.points(fine)),
            "seen": self.seen(whole).view(-1, SLOTS, len(KEYPOINTS)),
        }


def _find_points(heat_BCHW: Tensor) -> Tensor:
    """Return (B, S, K, 2): where each heat map's weight lies, in 0..1."""
    side = heat_BCHW.shape[-1]
    weight = heat_BCHW.flatten(2).softmax(2).view(-1, SLOTS, len(KEYPOINTS), side, side)
    at = (torch.arange(side, dtype=heat_BCHW.dtype) + 0.5) / side
    # Half a picture of margin: a point may lie outside, and a mean of cells never could.
    at = (at - 0.5) * 1.2 + 0.5
    return torch.stack([(weight.sum(3) * at).sum(3), (weight.sum(4) * at).sum(3)], 3)


def square_of(boxes_N4: Tensor, margin: float) -> Tensor:
    """Return (N, 3): centre x, y and side of the squares around boxes (left, top, right, bottom in 0..1)."""
    left, top, right, bottom = boxes_N4.unbind(1)
    side = torch.maximum(right - left, bottom - top).clamp(min=0.04) * margin
    return torch.stack([(left + right) / 2, (top + bottom) / 2, side], 1)


def cut_out(pixels_N3HW: Tensor, squares_N3: Tensor, size: int) -> Tensor:
    """Return (N, 3, size, size): squares (centre x, y, side in 0..1) of the pictures, grey beyond their edges."""
    step = (torch.arange(size, dtype=pixels_N3HW.dtype) + 0.5) / size - 0.5
    x = squares_N3[:, 0, None] + squares_N3[:, 2, None] * step
    y = squares_N3[:, 1, None] + squares_N3[:, 2, None] * step
    grid = torch.stack([x[:, None, :].expand(-1, size, -1), y[:, :, None].expand(-1, -1, size)], 3) * 2 - 1
    return F.grid_sample(pixels_N3HW - 0.5, grid, mode="bilinear", padding_mode="zeros", align_corners=False) + 0.5


class Close(nn.Module):
    """A cut-out to features and to what is read from them."""

    def __init__(self, side: int, attributes: dict[str, tuple[str, ...]], numbers: tuple[str, ...], choices: bool) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.PixelUnshuffle(2), nn.Conv2d(12, 48, 3, padding=1), nn.SiLU(), _down(48, 64), _Residual(64), _Residual(64),
            _down(64, 96), _Residual(96), _Residual(96), _down(96, 96) if side > 48 else nn.Identity(),
        )  # fmt: skip
        cells = (side // 16 if side > 48 else side // 8) ** 2
        self.features = nn.Sequential(
            nn.GroupNorm(_GROUPS, 96), nn.SiLU(), nn.Conv2d(96, 48, 1), nn.Flatten(), nn.Linear(48 * cells, 256), nn.SiLU()
        )
        self.heads = nn.ModuleDict({_key(name): nn.Linear(256, len(values)) for name, values in attributes.items()})
        self.numbers = nn.Linear(256, len(numbers))
        self.choices = nn.ModuleDict(
            {name: nn.Linear(256, len(values)) for name, values in CHOICE_TRAITS.items()} if choices else {}
        )

    def forward(self, cut_N3HW: Tensor) -> dict[str, Tensor]:
        """Return `features` (N, F), `numbers` (N, T), and logits of each attribute and unnamed choice under its name."""
        h_NF = self.features(self.body(cut_N3HW * 2 - 1))
        read = {"features": h_NF, "numbers": self.numbers(h_NF)}
        read |= {name.replace("_", " "): head(h_NF) for name, head in self.heads.items()}
        return read | {f"choice {name}": head(h_NF) for name, head in self.choices.items()}


def _key(name: str) -> str:
    return name.replace(" ", "_")


@dataclass(frozen=True)
class Boxes:
    """Where to look closely: squares of heads and of bodies, (N, 3) each, of pictures `rows` (N,)."""

    rows: Tensor
    heads: Tensor
    bodies: Tensor


class Eyes(nn.Module):
    """Finds figures and reads them."""

    def __init__(self) -> None:
        super().__init__()
        self.locator = Locator()
        self.head = Close(HEAD_SIDE, HEAD_ATTRIBUTES, HEAD_NUMBERS, choices=True)
        self.figure = Close(BODY_SIDE, BODY_ATTRIBUTES, BODY_NUMBERS, choices=False)

    def look(self, pixels_B3HW: Tensor, at: Boxes) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
        """Return what the heads and the figures show."""
        pictures = pixels_B3HW[at.rows]
        head = self.head(cut_out(pictures, at.heads, HEAD_SIDE))
        return head, self.figure(cut_out(pictures, at.bodies, BODY_SIDE))
