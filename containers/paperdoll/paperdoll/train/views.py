"""Views of identities for the encoder: the same subject twice with everything else changed, among strangers that look alike.

Shape letters: B pictures, H and W height and width."""

from dataclasses import replace

import numpy as np
import torch
import torch.nn.functional as F
from numpy.random import Generator
from torch import Tensor

from paperdoll import vocabulary as words
from paperdoll.drawing import draw
from paperdoll.identity import Figure, Identity, Scene, near_twin, sample_identity, sample_product
from paperdoll.sampling import sample_outfit

SIZE = 128


def _pick(rng: Generator, values: tuple[str, ...]) -> str:
    return values[int(rng.integers(len(values)))]


def sample_view(identity: Identity, rng: Generator, framing: str | None = None) -> tuple[Figure, Scene]:
    """Return `identity` dressed, posed and placed at random, alone in the picture."""
    framing = framing or _pick(rng, ("full body", "half body", "half body", "portrait"))
    place = _pick(rng, words.PLACES)
    held = sample_product(rng, "train") if rng.random() < 0.05 else None
    figure = Figure(
        identity, sample_outfit(rng), _pick(rng, words.POSES), _pick(rng, words.EXPRESSIONS),
        "front" if rng.random() < 0.6 else _pick(rng, ("left", "right")), round(0.5 + float(rng.uniform(-0.06, 0.06)), 3),
        held=held, nudge=round(float(rng.uniform(-1, 1)), 2),
    )  # fmt: skip
    if held and held.kind != "backpack":
        figure = replace(figure, pose=words.HOLDING)
    return figure, Scene(place, framing, None, int(rng.integers(2**31)), round(float(rng.uniform(-1, 1)), 2))


def sample_family(rng: Generator, split: str) -> list[Identity]:
    """Return an identity, its near twin, and one that shares its named traits: who is hard to tell apart."""
    identity = sample_identity(rng, split)
    twin, _ = near_twin(identity, rng)
    named = {name: getattr(identity, name) for name in ("surface", "hair_style", "hair_colour", "eye_colour")}
    namesake = replace(sample_identity(rng, split, identity.kind), **named)
    return [identity, twin, namesake]


def draw_views(rng: Generator, split: str, num_families: int, views: int = 2) -> list[np.ndarray]:
    """Return the views of each member of each family in turn; a family's first views share outfit and place."""
    images = []
    for _ in range(num_families):
        shared: tuple[Figure, Scene] | None = None
        for identity in sample_family(rng, split):
            for view in range(views):
                figure, scene = sample_view(identity, rng)
                if view == 0 and shared is not None:
                    figure, scene = replace(shared[0], identity=identity), shared[1]
                shared = shared or (figure, scene)
                images.append(draw((figure,), scene, SIZE).image)
    return images


@torch.no_grad()
def weather(x_B3HW: Tensor, rng: Generator) -> Tensor:
    """Return pictures in 0..1 as a generator or a careless export might leave them: moved, blurred, grainy. Hardly
    lighter or darker: that tells fair skin from light."""
    out = []
    for x in x_B3HW:
        angle, scale = float(rng.normal(0, 0.04)), float(rng.uniform(0.9, 1.12))
        shift = rng.normal(0, 0.04, 2)
        cos, sin = np.cos(angle) / scale, np.sin(angle) / scale
        theta = torch.tensor([[[cos, -sin, shift[0]], [sin, cos, shift[1]]]], dtype=torch.float32)
        grid = F.affine_grid(theta, (1, 3, SIZE, SIZE), align_corners=False)
        x = F.grid_sample(x[None], grid, padding_mode="border", align_corners=False)
        if rng.random() < 0.5:
            small = int(rng.integers(SIZE // 3, SIZE))
            x = F.interpolate(x, (small, small), mode="bilinear", antialias=True, align_corners=False)
            x = F.interpolate(x, (SIZE, SIZE), mode="bilinear", align_corners=False)
        x = x * float(rng.uniform(0.98, 1.02)) + float(rng.normal(0, 0.005))
        if rng.random() < 0.5:
            x = x + torch.from_numpy(rng.normal(0, rng.uniform(0, 0.05), x.shape).astype(np.float32))
        out.append(x.clamp(0, 1))
    return torch.cat(out)
