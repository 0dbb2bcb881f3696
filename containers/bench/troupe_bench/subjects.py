"""Subjects of a bench: identities of the test split, chosen by the seed, and who looks like them."""

import hashlib
from dataclasses import replace

import numpy as np
from numpy.random import Generator
from paperdoll import vocabulary as words
from paperdoll.identity import Figure, Identity, Outfit, Scene, identity_key, near_twin, sample_identity
from paperdoll.sampling import sample_outfit

_NAMED = ("surface", "hair_style", "hair_colour", "eye_colour")


def make_rng(seed: int, *path: int) -> Generator:
    """Return the generator of one thing of a bench: it never depends on what was measured before."""
    return np.random.Generator(np.random.PCG64([seed, *path]))


def name_subject(identity: Identity) -> str:
    """Return the name under which rows tell of an identity: a hash of every trait."""
    return hashlib.sha256(identity_key(identity).encode()).hexdigest()[:12]


def pick_identity(seed: int, index: int, split: str = "test", kind: str | None = None) -> Identity:
    """Return subject `index` of a seed."""
    return sample_identity(make_rng(seed, 1, index), split, kind)


def list_lookalikes(identity: Identity, rng: Generator, twins: int = 4, namesakes: int = 4) -> list[Identity]:
    """Return near twins (one unnamed trait differs) and namesakes (every named attribute alike)."""
    named = {name: getattr(identity, name) for name in _NAMED}
    return [near_twin(identity, rng)[0] for _ in range(twins)] + [
        replace(sample_identity(rng, "test", identity.kind), **named) for _ in range(namesakes)
    ]


def sample_view(identity: Identity, rng: Generator, outfit: Outfit | None = None, framing: str | None = None):
    """Return `identity` posed and placed at random, dressed at random unless told: (figure, scene)."""

    def pick(values: tuple[str, ...]) -> str:
        return values[int(rng.integers(len(values)))]

    figure = Figure(
        identity, outfit or sample_outfit(rng, identity.kind), pick(words.POSES), pick(words.EXPRESSIONS),
        pick(words.FACINGS), round(0.5 + float(rng.uniform(-0.06, 0.06)), 3), nudge=round(float(rng.uniform(-1, 1)), 2),
    )  # fmt: skip
    place = pick(words.SCENES) if rng.random() < 0.8 else f"plain {pick(words.PLAINS)}"
    scene = Scene(place, framing or pick(words.FRAMINGS), None, int(rng.integers(2**31)), round(float(rng.uniform(-1, 1)), 2))
    return figure, scene
