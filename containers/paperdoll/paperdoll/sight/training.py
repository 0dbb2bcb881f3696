"""The training of eyes, resumable at any moment."""

from functools import partial
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from paperdoll.sight.lesson import eyes_loss, take
from paperdoll.sight.names import ATTRIBUTES
from paperdoll.sight.nets import Eyes
from paperdoll.sight.scenes import Scenes
from paperdoll.train.learner import Learner, LearnSettings, Part, num_parts, read_average, run_training
from paperdoll.train.progress import Reporter


def train_eyes(
    folder: Path,
    pictures: Path,
    settings: LearnSettings,
    batch: int,
    seed: int,
    locate_share: float = 1.0,
    near_share: float = 0.0,
    begin_with: dict | None = None,
    device: str = "cpu",
) -> None:
    """Train, or go on training, the eyes in `folder` on the scenes in `pictures`.

    The locator costs as much as all close looks together and learns sooner: on a `locate_share` of each batch is enough. A
    `near_share` of each batch shows no whole body: half of a set does, and faces are read in portraits."""
    torch.manual_seed(seed)
    scenes, eyes = Scenes(pictures), Eyes()
    if begin_with:
        eyes.load_state_dict(begin_with)
    count = num_parts(torch.device(device))
    learner, reporter = Learner(eyes.to(device), settings), Reporter("eyes")
    learner.restore(folder)
    framings = scenes.attributes[:, 0, list(ATTRIBUTES).index("framing")]
    near = np.flatnonzero(scenes.present[:, 0] & (framings != ATTRIBUTES["framing"].index("full body")))

    def parts_of(step: int) -> list[Part]:
        rng = np.random.Generator(np.random.PCG64([seed, step]))
        order, worn = rng.integers(0, len(scenes), batch), np.zeros(batch, bool)
        if near_share:
            order[: round(near_share * batch)] = rng.choice(near, round(near_share * batch))
            rng.shuffle(order)  # the locator learns from the first
        if len(scenes.worn):  # few, and worth a quarter of what is seen: drawings are what will be read
            worn[rng.permutation(batch)[: batch // 4]] = True
            order[worn] = rng.integers(0, len(scenes.worn), worn.sum())

        def work(part: int) -> tuple[Tensor, dict[str, float], int]:
            random = torch.Generator(device).manual_seed((seed * 1_000_003 + step) * count + part)
            mine = order[part::count]
            rows = take(scenes, mine, worn[part::count], device)
            return *eyes_loss(eyes, rows, random, locate_share), len(mine)

        return [partial(work, part) for part in range(count)]

    run_training(learner, folder, reporter, parts_of)


def load_eyes(*folders: Path) -> tuple[Eyes, int]:
    """Return the averaged eyes of the newest checkpoint in a folder, and on how many pictures they learned. Of several folders,
    the mean of their weights: where one training went on from the other, it reads better than either (Wortsman et al., "Model
    soups", arXiv 2203.05482)."""
    found = [read_average(folder) for folder in folders]
    eyes = Eyes()
    eyes.load_state_dict({name: torch.stack([weights[name] for weights, _ in found]).mean(0) for name in found[0][0]})
    return eyes.eval().requires_grad_(False), sum(counters["samples"] for _, counters in found)
