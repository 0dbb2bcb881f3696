"""Captions: only known words, never an unnamed trait, never too long."""

import numpy as np
import pytest
from paperdoll import vocabulary as words
from paperdoll.captions import DETAILS, MAX_TOKENS, attributes, caption, count_tokens
from paperdoll.identity import CHEEK_MARKS, MARKINGS, NUMBER_TRAITS, Figure, Identity, Outfit, Scene, near_twin
from paperdoll.sampling import sample_scene


def seeded(seed: int) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(seed))


def scenes(count: int):
    for seed in range(count):
        yield sample_scene(seeded(seed), "train")


def test_captions_hold_only_caption_words_and_commas():
    known = set(words.CAPTION_WORDS)
    for seed, (figures, scene) in enumerate(scenes(400)):
        for detail in DETAILS:
            text = caption(figures, scene, detail, seeded(seed))
            assert set(text.replace(",", " ").split()) <= known, text
            assert text == text.lower() and count_tokens(text) <= MAX_TOKENS


def test_caption_words_are_sorted_unique_and_free_of_rare_tokens():
    assert list(words.CAPTION_WORDS) == sorted(set(words.CAPTION_WORDS))
    assert len(set(words.RARE_TOKENS)) == 16 and not set(words.RARE_TOKENS) & set(words.CAPTION_WORDS)


def test_no_word_names_an_unnamed_trait():
    spoken = set(words.CAPTION_WORDS)
    # "heart" is said of garments and logos, never of a cheek: the next test shows it.
    shared = {"heart", "none"}
    unnamed = {word for group in (CHEEK_MARKS, *MARKINGS.values()) for value in group for word in value.split()}
    assert not (unnamed - shared) & spoken
    assert not {word for name in NUMBER_TRAITS for word in name.split("_")} - {"eye", "hair", "surface"} & spoken


def test_a_twin_has_the_same_captions_and_attributes():
    for seed, (figures, scene) in enumerate(scenes(200)):
        if not figures:
            continue
        twin, _ = near_twin(figures[0].identity, seeded(seed))
        others = (Figure(**{**vars(figures[0]), "identity": twin}), *figures[1:])
        assert caption(figures, scene, "full", seeded(seed)) == caption(others, scene, "full", seeded(seed))
        assert attributes(figures, scene) == attributes(others, scene)


def test_a_bare_caption_leaves_the_identity_free():
    figure = Figure(Identity("girl", "fair", "bob", "red", "blue"), Outfit("coat", "green", "plain", "trousers", "blue"))
    assert caption((figure,), Scene("beach"), "bare", seeded(0)) == "a girl, on a beach"


def test_a_full_caption_says_every_attribute():
    figure = Figure(
        Identity("girl", "fair", "long", "red", "blue"),
        Outfit("hoodie", "green", "striped", "skirt", "black", "orange", True),
        "waving",
        "surprised",
        "left",
    )
    text = caption((figure,), Scene("snow", "half body"), "full", seeded(0))
    assert text == (
        "half body, a girl with long red hair, fair skin and blue eyes wearing a striped green hoodie, a black skirt, "
        "an orange hat and glasses, waving, surprised, facing left, in snow"
    )


def test_several_figures_are_named_by_side_whatever_their_order():
    left = Figure(Identity("cat", "grey", "none", "none", "blue"), Outfit("dress", "red", "plain", "none", "none"), x=0.2)
    right = Figure(Identity("robot", "blue", "none", "none", "blue"), Outfit("dress", "red", "plain", "none", "none"), x=0.8)
    for figures in ((left, right), (right, left)):
        text = caption(figures, Scene("park"), "bare", seeded(0))
        assert text == "on the left a cat, on the right a robot, in a park"


@pytest.mark.parametrize("split", ["train", "test"])
def test_attributes_are_the_same_keys_for_every_picture(split: str):
    keys = {tuple(attributes(*sample_scene(seeded(seed), split))) for seed in range(60)}
    assert len(keys) == 1
