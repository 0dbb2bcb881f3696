"""A second lesson for the base model while it is young: say which body part is where.

The denoising loss tells a UNet about layout late, after colours and texture. The world knows every pixel's part, so the
features before the last two levels are also asked for it by a 1 x 1 convolution that is thrown away afterwards (the idea of
representation alignment, arXiv 2410.06940, with the truth for a teacher). Shape letters: B batch, C channels, H and W sides
in latents, P parts, N pictures."""

import json
import threading
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np
import torch
from diffusers import UNet2DConditionModel
from torch import Tensor, nn

from paperdoll.dataset import DatasetSettings, sample_numbered
from paperdoll.drawing import draw
from paperdoll.drawing.parts import HEAD_PARTS, PARTS
from paperdoll.train.checkpoint import open_map

_CELL = 4  # pixels of truth a side of a latent cell: enough to weigh the parts in it
_AT = (0, 1)  # the up blocks whose features are asked, from the deepest


class LayoutStore:
    """How much of each latent cell each part covers, drawn when first asked for and kept in `folder`."""

    def __init__(self, pictures: Path, folder: Path, side: int) -> None:
        self._settings = DatasetSettings(**json.loads((pictures / "settings.json").read_text()))
        self._side = side
        shape = (self._settings.num_pictures, len(PARTS), side, side)
        folder.mkdir(parents=True, exist_ok=True)
        self._shares = open_map(folder / f"layout-{side}.npy", np.uint8, shape)
        self._done = open_map(folder / f"layout-{side}.done.npy", np.bool_, shape[:1])

    def fill(self, numbers: np.ndarray, processes: int = 1) -> None:
        """Draw those of `numbers` that are still missing."""
        missing = np.unique(numbers[~self._done[numbers]])
        if processes == 1:
            for number in missing:
                self._keep(number, _draw_shares(self._settings, self._side, int(number)))
            return
        with ProcessPoolExecutor(processes) as pool:
            draw_one = partial(_draw_shares, self._settings, self._side)
            for number, shares in zip(missing, pool.map(draw_one, missing.tolist(), chunksize=256), strict=True):
                self._keep(number, shares)

    def take(self, numbers: np.ndarray, device: torch.device | str = "cpu") -> Tensor:
        """Return (N, P, H, W): shares of pictures that `fill` has seen to, in ascending order of their numbers."""
        return torch.from_numpy(self._shares[np.sort(numbers)]).to(device).float() / _CELL**2

    def _keep(self, number: int, shares_PHW: np.ndarray) -> None:
        self._shares[number] = shares_PHW
        self._done[number] = True


def _draw_shares(settings: DatasetSettings, side: int, number: int) -> np.ndarray:
    figures, scene, _, _ = sample_numbered(settings, number)
    size = _CELL * side
    parts_HW = np.zeros((size, size), np.uint8)
    for truth in draw(figures, scene, size, truth=True).truth:
        parts_HW = np.maximum(parts_HW, truth.part_map)  # a pixel belongs to one figure
    one_hot = parts_HW[None] == np.arange(len(PARTS), dtype=np.uint8)[:, None, None]
    return one_hot.reshape(len(PARTS), side, _CELL, side, _CELL).sum((2, 4)).astype(np.uint8)


def count_cells(shares_BPHW: Tensor, side: int) -> Tensor:
    """Return (B, 1, side, side): how much the cells of latents count. A face is a twentieth of a whole body's picture and what
    people look at, so a cell of a head counts four times, of the rest of a body twice."""
    heads_B1HW = shares_BPHW[:, list(HEAD_PARTS)].sum(1, keepdim=True)
    bodies_B1HW = 1 - shares_BPHW[:, :1]
    return 1 + nn.functional.adaptive_avg_pool2d(bodies_B1HW + 2 * heads_B1HW, side)


class LayoutLearner(nn.Module):
    """A UNet and the heads that ask its features for the parts."""

    def __init__(self, unet: UNet2DConditionModel) -> None:
        super().__init__()
        self.unet = unet
        widths = list(reversed(unet.config.block_out_channels))
        self.heads = nn.ModuleList(nn.Sequential(nn.GroupNorm(8, widths[at]), nn.Conv2d(widths[at], len(PARTS), 1)) for at in _AT)
        self._seen = threading.local()  # each half of a batch has its own thread
        for place, at in enumerate(_AT):
            unet.up_blocks[at].register_forward_hook(self._keep(place))

    def _keep(self, place: int):
        def hook(module: nn.Module, given: tuple, made: Tensor) -> None:
            if getattr(self._seen, "kept", None) is not None:
                self._seen.kept[place] = made

        return hook

    def watch(self) -> None:
        """Keep what the next forward pass of this thread shows."""
        self._seen.kept = {}

    def loss(self, shares_BPHW: Tensor) -> Tensor:
        """Return the cross-entropy, in nats a cell, of the parts as the watched pass shows them."""
        kept, self._seen.kept = self._seen.kept, None
        total = torch.zeros((), device=shares_BPHW.device)
        for place, head in enumerate(self.heads):
            logits_BPHW = head(kept[place].float())
            wanted = nn.functional.adaptive_avg_pool2d(shares_BPHW, logits_BPHW.shape[-2:])
            total = total - (wanted * logits_BPHW.log_softmax(1)).sum(1).mean()
        return total / len(self.heads)
