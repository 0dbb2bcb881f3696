"""The upscaler: a picture three times as large, learned from a world that draws itself at any size.

Shape letters: B pictures or patches, H and W sides, f the factor."""

from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from paperdoll.drawing import draw
from paperdoll.sampling import sample_scene
from paperdoll.sight.lesson import soften
from paperdoll.train.checkpoint import open_map, write_json
from paperdoll.train.learner import NUM_PARTS, Learner, LearnSettings, Part, read_average, run_training
from paperdoll.train.onnx_file import write_onnx
from paperdoll.train.progress import Reporter

FACTOR = 3
SIZE = 128
PATCH = 40  # side of a patch before it is enlarged


class Upscaler(nn.Module):
    """Bicubic enlargement, and what it lacks. Any height and width."""

    def __init__(self, width: int = 40, depth: int = 8) -> None:
        super().__init__()
        self.first = nn.Conv2d(3, width, 3, padding=1)
        self.middle = nn.ModuleList(nn.Conv2d(width, width, 3, padding=1) for _ in range(depth))
        self.last = nn.Conv2d(width, 3 * FACTOR**2, 3, padding=1)
        nn.init.zeros_(self.last.weight)
        nn.init.zeros_(self.last.bias)

    def forward(self, pixels: Tensor) -> Tensor:
        """Return (B, 3, f H, f W) of (B, 3, H, W), both in 0..1."""
        x = self.first(pixels - 0.5)
        for layer in self.middle:
            x = x + 0.2 * layer(F.silu(x))
        large = F.interpolate(pixels, scale_factor=float(FACTOR), mode="bicubic", align_corners=False)
        # A tenth: every number of the last layer moves by the rate at once, and 360 of them add up in a pixel.
        return large + 0.1 * F.pixel_shuffle(self.last(F.silu(x)), FACTOR)


def draw_pairs(folder: Path, count: int, seed: int, processes: int = 2) -> tuple[np.ndarray, np.ndarray]:
    """Return `count` pictures, (B, H, W, 3) and (B, f H, f W, 3) uint8, drawn once and kept in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    small, large = _open_pairs(folder, count)
    done = folder / "drawn"
    if not done.exists():
        with ProcessPoolExecutor(processes) as pool:
            list(pool.map(partial(_draw_pair, folder, count, seed), range(count), chunksize=20))
        done.touch()
    return small, large


def _open_pairs(folder: Path, count: int) -> tuple[np.ndarray, np.ndarray]:
    return (
        open_map(folder / "small.npy", np.uint8, (count, SIZE, SIZE, 3)),
        open_map(folder / "large.npy", np.uint8, (count, SIZE * FACTOR, SIZE * FACTOR, 3)),
    )


def _draw_pair(folder: Path, count: int, seed: int, number: int) -> None:
    small, large = _open_pairs(folder, count)
    figures, scene = sample_scene(np.random.Generator(np.random.PCG64([seed, number, 15])), "train")
    small[number] = draw(figures, scene, SIZE).image
    large[number] = draw(figures, scene, SIZE * FACTOR).image


def train_upscaler(folder: Path, pairs: tuple[np.ndarray, np.ndarray], settings: LearnSettings, batch: int, seed: int) -> None:
    """Train, or go on training, the upscaler in `folder`. Half of the patches are first blurred and made grainy, as drawn
    pictures are: it must not sharpen what the base model got wrong into grit."""
    torch.manual_seed(seed)
    small, large = pairs
    learner, reporter = Learner(Upscaler(), settings), Reporter("upscaler")
    learner.restore(folder)

    def parts_of(step: int) -> list[Part]:
        rng = np.random.Generator(np.random.PCG64([seed, step]))
        at = np.stack([rng.integers(0, len(small), batch), *(rng.integers(0, SIZE - PATCH + 1, (2, batch)))], 1)

        def work(part: int) -> tuple[Tensor, dict[str, float], int]:
            random = torch.Generator().manual_seed((seed * 1_000_003 + step) * NUM_PARTS + part)
            mine = at[part::NUM_PARTS]
            x_B3HW = _to_tensor([small[n, y : y + PATCH, x : x + PATCH] for n, y, x in mine])
            f = FACTOR
            wanted = _to_tensor([large[n, f * y : f * (y + PATCH), f * x : f * (x + PATCH)] for n, y, x in mine])
            half = len(mine) // 2
            made = learner.model(torch.cat([x_B3HW[:half], soften(x_B3HW[half:], random)]))
            error = ((made - wanted)[..., f:-f, f:-f]).square()
            psnr = -10 * torch.log10(error[:half].mean()).item()

            return error.mean(), {"psnr": psnr}, len(mine)

        return [partial(work, part) for part in range(NUM_PARTS)]

    run_training(learner, folder, reporter, parts_of)


def _to_tensor(patches: list[np.ndarray]) -> Tensor:
    return torch.from_numpy(np.stack(patches)).permute(0, 3, 1, 2).float() / 255


def export_upscaler(checkpoints: Path, folder: Path) -> None:
    """Write upscaler.onnx (pixels to pixels, any batch and size) and upscaler.json to `folder`."""
    upscaler = Upscaler()
    weights, counters = read_average(checkpoints)
    upscaler.load_state_dict(weights)
    free = {0: "batch", 2: "height", 3: "width"}
    write_onnx(upscaler, torch.rand(2, 3, 96, 80), ["enlarged"], folder / "upscaler.onnx", free)
    write_json({"name": "paperdoll-upscaler", "factor": FACTOR, "samples": counters["samples"]}, folder / "upscaler.json")
