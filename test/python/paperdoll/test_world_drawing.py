"""Drawing: the same arguments give the same bytes, at any size, for every named value."""

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from paperdoll import vocabulary as words
from paperdoll.drawing import draw, flat_lay
from paperdoll.identity import Figure, Identity, Outfit, Product, Scene
from paperdoll.sampling import sample_scene

FIGURE = Figure(Identity("girl", "fair", "bob", "red", "blue"), Outfit("t-shirt", "blue", "striped", "skirt", "white"))
SCENE = Scene("park", variation=3)


def test_the_same_arguments_give_the_same_bytes_with_truth_or_without():
    for seed in range(20):
        figures, scene = sample_scene(np.random.Generator(np.random.PCG64(seed)), "train")
        first = draw(figures, scene, 128).image
        assert np.array_equal(first, draw(figures, scene, 128, truth=True).image)
        assert first.shape == (128, 128, 3) and first.dtype == np.uint8


def test_another_process_draws_the_same_bytes():
    code = (
        "import hashlib, sys; sys.path[:0] = eval(sys.argv[1]); import numpy as np;"
        "from paperdoll.drawing import draw; from paperdoll.sampling import sample_scene;"
        "picture = draw(*sample_scene(np.random.Generator(np.random.PCG64(5)), 'test'), 96);"
        "print(hashlib.sha256(picture.image.tobytes()).hexdigest())"
    )
    run = [sys.executable, "-c", code, repr(sys.path)]
    assert len({subprocess.run(run, capture_output=True, text=True, check=True).stdout for _ in range(2)}) == 1


@pytest.mark.parametrize("size", [8, 100, 333, 512])
def test_any_size_shows_the_same_picture(size: int):
    image = draw((FIGURE,), SCENE, size).image
    assert image.shape == (size, size, 3)
    small = draw((FIGURE,), SCENE, 8).image.astype(float)
    assert np.abs(image.mean((0, 1)) - small.mean((0, 1))).max() < 12


def test_too_many_figures_or_too_few_pixels_are_refused():
    with pytest.raises(ValueError, match="4 figures"):
        draw((FIGURE,) * 4, SCENE, 128)
    with pytest.raises(ValueError, match="4 px"):
        draw((FIGURE,), SCENE, 4)


def values():
    """Each named value once, as (what it changes, figure, scene)."""
    for field, options in (("pose", words.POSES), ("expression", words.EXPRESSIONS), ("facing", words.FACINGS)):
        yield field, [(replace(FIGURE, **{field: option}), SCENE) for option in options]
    for field, options in (("top", words.TOPS), ("top_colour", words.COLOURS), ("pattern", words.PATTERNS)):
        yield field, [(replace(FIGURE, outfit=replace(FIGURE.outfit, **{field: option})), SCENE) for option in options]
    for field, options in (("bottom", words.BOTTOMS), ("bottom_colour", words.BOTTOM_COLOURS)):
        yield field, [(replace(FIGURE, outfit=replace(FIGURE.outfit, **{field: option})), SCENE) for option in options]
    yield "hat", [(replace(FIGURE, outfit=replace(FIGURE.outfit, hat_colour=option)), SCENE) for option in words.COLOURS]
    yield "place", [(FIGURE, replace(SCENE, place=option)) for option in words.PLACES]
    yield "framing", [(FIGURE, replace(SCENE, framing=option)) for option in words.FRAMINGS]
    for kind in words.KINDS:
        options = words.SURFACES[kind]
        base = replace(FIGURE.identity, kind=kind)
        yield f"{kind} surface", [(replace(FIGURE, identity=replace(base, surface=option)), SCENE) for option in options]
    for field, options in (
        ("hair_style", words.HAIR_STYLES),
        ("hair_colour", words.HAIR_COLOURS),
        ("eye_colour", words.EYE_COLOURS),
    ):
        near = replace(SCENE, framing="portrait")
        yield field, [(replace(FIGURE, identity=replace(FIGURE.identity, **{field: option})), near) for option in options]


@pytest.mark.parametrize(("name", "cases"), list(values()), ids=lambda value: value if isinstance(value, str) else "")
def test_named_values_all_look_different(name: str, cases: list):
    images = [draw((figure,), scene, 128).image.astype(int) for figure, scene in cases]
    for index, first in enumerate(images):
        for second in images[index + 1 :]:
            assert (np.abs(first - second).sum(2) > 40).sum() >= 20, name


@pytest.mark.parametrize("kind", words.PRODUCTS)
def test_products_differ_by_colour_and_logo(kind: str):
    for options in (
        [Product(kind, colour, "star") for colour in words.COLOURS],
        [Product(kind, "blue", logo) for logo in words.LOGOS],
    ):
        images = [draw((), Scene("room", product=product), 128).image for product in options]
        assert len({image.tobytes() for image in images}) == len(options)


@pytest.mark.parametrize("top", words.TOPS)
def test_a_flat_lay_shows_the_garment_alone_on_white(top: str):
    image = flat_lay(Outfit(top, "red", "plain", "none", "none"), 128)
    assert (image[0] > 240).all() and (image[-1] > 240).all()
    red = (image[:, :, 0].astype(int) - image[:, :, 1]) > 80
    assert red.sum() > 1500
