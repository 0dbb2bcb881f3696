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
from paperdoll.train.learner import NUM_PARTS, Learner, LearnSettings, Part, read_average, run_training
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
) -> None:
    """Train, or go on training, the eyes in `folder` on the scenes in `pictures`.

    The locator costs as much as all close looks together and learns sooner: on a `locate_share` of each batch is enough. A
    `near_share` of each batch shows no whole body: half of a set does, and faces are read in portraits."""
    torch.manual_seed(seed)
    scenes, eyes = Scenes(pictures), Eyes()
    if begin_with:
        eyes.load_state_dict(begin_with)
    learner, reporter = Learner(eyes, settings), Reporter("eyes")
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
            random = torch.Generator().manual_seed((seed * 1_000_003 + step) * NUM_PARTS + part)
            mine = order[part::NUM_PARTS]
            rows = take(scenes, mine, worn[part::NUM_PARTS])
            return *eyes_loss(eyes, rows, random, locate_share), len(mine)

        return [partial(work, part) for part in range(NUM_PARTS)]

    run_training(learner, folder, reporter, parts_of)


def load_eyes(folder: Path) -> tuple[Eyes, int]:
    """Return the averaged eyes of the newest checkpoint in `folder`, and on how many pictures they learned."""
    eyes = Eyes()
    weights, counters = read_average(folder)
    eyes.load_state_dict(weights)
    return eyes.eval().requires_grad_(False), counters["samples"]
