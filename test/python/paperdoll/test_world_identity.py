"""Identities: splits that never move, twins that differ in one unnamed trait, and visibly."""

from collections import Counter
from dataclasses import fields, replace

import numpy as np
import pytest
from paperdoll import vocabulary as words
from paperdoll.drawing import draw
from paperdoll.identity import (
    CHEEK_MARKS,
    NUMBER_TRAITS,
    SPLITS,
    Figure,
    Identity,
    Outfit,
    Scene,
    identity_key,
    list_markings,
    near_twin,
    sample_identity,
    sample_product,
    split_of,
)

UNNAMED = NUMBER_TRAITS + ("cheek_mark", "marking")
OUTFIT = Outfit("t-shirt", "blue", "plain", "shorts", "red")


def seeded(seed: int) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(seed))


def test_splits_share_no_identity_and_no_product():
    seen = {split: set() for split in SPLITS}
    for split in SPLITS:
        rng = seeded(1)
        for _ in range(300):
            seen[split].add(identity_key(sample_identity(rng, split)))
            seen[split].add(identity_key(sample_product(rng, split)))
    assert not seen["train"] & seen["validation"] and not seen["train"] & seen["test"] and not seen["validation"] & seen["test"]


def test_a_split_is_a_function_of_the_identity_alone():
    identity = Identity("girl", "fair", "bob", "red", "blue", head_width=0.5)
    assert identity_key(identity).startswith(
        "kind=girl|surface=fair|hair_style=bob|hair_colour=red|eye_colour=blue|head_width=0.5|"
    )
    known = {split_of(replace(identity, head_width=number / 100)) for number in range(40)}
    assert known == set(SPLITS)
    # These three were assigned when the first data set was drawn; trained weights depend on it.
    assert [split_of(replace(identity, eye_size=size)) for size in (0.7, 0.74, 0.8)] == ["train", "validation", "test"]


def test_four_fifths_of_all_identities_train():
    rng = seeded(2)
    identities = [replace(sample_identity(rng, "train"), build=round(float(rng.uniform(-1, 1)), 2)) for _ in range(1500)]
    shares = Counter(split_of(identity) for identity in identities)
    assert 0.76 < shares["train"] / 1500 < 0.84 and shares["test"] > 100 and shares["validation"] > 100


def test_an_unknown_split_is_refused_by_name():
    with pytest.raises(ValueError, match="holdout"):
        sample_identity(seeded(0), "holdout")


def test_every_kind_has_at_least_eight_unnamed_traits():
    assert len(UNNAMED) >= 8
    assert {field.name for field in fields(Identity)} == set(UNNAMED) | {
        "kind",
        "surface",
        "hair_style",
        "hair_colour",
        "eye_colour",
    }


@pytest.mark.parametrize("seed", range(20))
def test_a_near_twin_differs_in_exactly_one_unnamed_trait(seed: int):
    rng = seeded(seed)
    identity = sample_identity(rng, "train")
    twin, name = near_twin(identity, rng)
    different = [item.name for item in fields(Identity) if getattr(identity, item.name) != getattr(twin, item.name)]
    assert different == [name] and name in UNNAMED
    if name in NUMBER_TRAITS:
        assert abs(getattr(identity, name) - getattr(twin, name)) == pytest.approx(1.2)


@pytest.mark.parametrize("kind", words.KINDS)
@pytest.mark.parametrize("name", UNNAMED)
def test_each_unnamed_trait_is_seen_at_128_pixels(kind: str, name: str):
    """At the framing where it is judged: bodies whole, faces near."""
    style = "short" if kind in words.PEOPLE else "none"
    colour = "red" if kind in words.PEOPLE else "none"
    identity = Identity(kind, words.SURFACES[kind][1], style, colour, "green")
    if name in NUMBER_TRAITS:
        pair = [replace(identity, **{name: value}) for value in (-0.6, 0.6)]
        pairs = [pair]
    else:
        options = CHEEK_MARKS if name == "cheek_mark" else list_markings(kind, style)
        pairs = [[identity, replace(identity, **{name: option})] for option in options if option != "none"]
    framing = "full body" if name in ("leg_length", "build") else "portrait"
    for pair in pairs:
        first, second = (draw((Figure(one, OUTFIT),), Scene("plain grey", framing), 128).image.astype(int) for one in pair)
        changed = int((np.abs(first - second).sum(2) > 24).sum())
        assert changed >= 20, f"{name} changes {changed} pixels"
