"""The settings of OneActor: what the paper and its release publish, and what changes with the base model."""

from collections.abc import Mapping
from dataclasses import dataclass

from troupe_worker.features import LAYERS
from troupe_worker.lessons import EARLINESS_RANGE
from troupe_worker.settings import check_ranges

TRACKS = ("reference", "proposal")
NORMS = ("batch", "running", "all")
SENTENCES = ("templates", "prompt")


@dataclass(frozen=True)
class Settings:
    """Published defaults for pictures of 512 pixels and more."""

    track: str = "reference"  # learn the uploaded references, or one proposal
    prompt: str = ""  # the target prompt of proposals and auxiliaries; empty: the bare noun
    proposals: int = 11  # N: the target and its auxiliaries
    proposal: int = 1  # which proposal is the target, counted from 1
    draw_steps: int = 30
    draw_guidance: float = 7.5
    sentences: str = "templates"  # what pictures without a caption are learned under: the templates, or the target prompt
    auxiliaries: int = 3  # K: auxiliaries in a step
    auxiliary_weight: float = 0.5
    average_weight: float = 0.2
    learning_rate: float = 1e-4
    steps: int = 200
    earliness: float = 1.0  # of the times that are learned at: 1 for even ones
    views: int = 1
    max_zoom: float = 1.0
    flip: bool = True
    layer: str = "encoder"  # where features are taken: before the middle block, or behind it
    norm: str = "batch"  # what BatchNorm sees: a step's rows, and all pictures when vectors are made; "all": these in every step
    adain: bool = False
    recompute: bool = False  # compute the UNet twice to hold less of it: for cards of 16 GB
    probe_every: int = 0  # steps between two looks at a probe picture; 0: run all steps, keep the last
    probe_patience: int = 3
    probe: str = ""  # the probe prompt; empty: the bare noun
    strength: float = 0.8  # v
    push: float = 0.0  # eta2; eta1 is the sampler's guidance plus this
    guided_share: float = 2 / 3  # of the steps, from the first
    seed: int = 0

    def __post_init__(self) -> None:
        ranges = {"proposals": (2, 64), "proposal": (1, self.proposals), "draw_steps": (1, 200), "draw_guidance": (1.0, 30.0)}
        ranges |= {"auxiliaries": (1, 16), "auxiliary_weight": (0.0, 10.0), "average_weight": (0.0, 10.0)}
        ranges |= {"learning_rate": (1e-7, 1e-1), "steps": (1, 20_000), "views": (1, 64), "max_zoom": (1.0, 4.0)}
        ranges |= {"probe_every": (0, 10_000), "probe_patience": (1, 100), "strength": (-4.0, 4.0), "push": (0.0, 10.0)}
        ranges |= {"guided_share": (0.0, 1.0), "earliness": EARLINESS_RANGE, "seed": (0, 2**32 - 1)}
        check_ranges(self, ranges)
        for name, allowed in {"track": TRACKS, "sentences": SENTENCES, "layer": LAYERS, "norm": NORMS}.items():
            if getattr(self, name) not in allowed:
                raise ValueError(f"{name} is {getattr(self, name)}, allowed are {' and '.join(allowed)}")


DEFAULTS: Mapping[str, Settings] = {
    "sd15": Settings(),
    "sdxl": Settings(recompute=True),
    # No flip: captions of this world say left and right.
    "paperdoll": Settings(
        draw_steps=16,
        draw_guidance=4.0,
        sentences="prompt",
        learning_rate=3e-4,
        views=4,
        max_zoom=1.15,
        flip=False,
        norm="all",
        strength=1.0,
        probe_every=25,
        probe_patience=4,
    ),
}
