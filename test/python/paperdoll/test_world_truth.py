"""Truth: masks, parts, keypoints and occlusion agree with each other and with the picture."""

from dataclasses import replace

import numpy as np
import pytest
from paperdoll.drawing import draw, parts
from paperdoll.identity import Figure, Identity, Outfit, Product, Scene
from paperdoll.sampling import sample_scene

GIRL = Identity("girl", "fair", "bob", "red", "blue")
CAT = Identity("cat", "orange", "none", "none", "green")
CLOTHES = Outfit("t-shirt", "blue", "plain", "trousers", "red", "green", True)
PLAIN = Scene("plain white")


def sampled(count: int):
    for seed in range(count):
        figures, scene = sample_scene(np.random.Generator(np.random.PCG64(seed)), "train")
        if figures:
            yield draw(figures, scene, 128, truth=True)


def test_the_box_is_the_tight_frame_of_the_mask():
    for picture in sampled(40):
        for truth in picture.truth:
            if truth.box is None:
                assert not truth.mask.any()
                continue
            left, top, right, bottom = truth.box
            assert truth.mask[top:bottom, left:right].sum() == truth.mask.sum()
            assert truth.mask[top].any() and truth.mask[bottom - 1].any()
            assert truth.mask[:, left].any() and truth.mask[:, right - 1].any()


def test_head_parts_and_garments_lie_within_the_figure():
    for picture in sampled(40):
        for truth in picture.truth:
            assert not (truth.head_mask & ~truth.mask).any()
            for name, mask in truth.garment_masks.items():
                assert mask.any() and not (mask & (truth.part_map == 0)).any()
                assert name == "product" or not (mask & ~truth.mask).any()


def test_seen_keypoints_lie_in_the_mask_and_hidden_ones_exist():
    hidden = 0
    for picture in sampled(40):
        for truth in picture.truth:
            assert len(truth.keypoints) == 19
            for x, y, seen in truth.keypoints.values():
                hidden += not seen
                assert not seen or truth.mask[int(y), int(x)]
    assert hidden > 0


def test_no_pixel_belongs_to_two_figures():
    for picture in sampled(60):
        assert sum(truth.part_map.astype(bool).astype(int) for truth in picture.truth).max() <= 1


def test_the_figure_in_front_hides_the_one_behind():
    behind, front = Figure(GIRL, CLOTHES, x=0.5), Figure(CAT, CLOTHES, x=0.56)
    alone = draw((behind,), PLAIN, 128, truth=True).truth[0]
    together = draw((behind, front), PLAIN, 128, truth=True)
    # Both stand on the same ground: the later one is nearer.
    assert together.truth[0].mask.sum() < 0.6 * together.truth[1].mask.sum()
    assert not (together.truth[0].mask & together.truth[1].mask).any()
    assert alone.mask.sum() > together.truth[0].mask.sum()
    assert sum(seen for *_, seen in together.truth[0].keypoints.values()) < sum(seen for *_, seen in alone.keypoints.values())


def test_the_mask_is_where_the_figure_changes_the_picture():
    figure = Figure(GIRL, CLOTHES)
    empty, full = draw((), PLAIN, 256).image.astype(int), draw((figure,), PLAIN, 256, truth=True)
    changed = np.abs(full.image.astype(int) - empty).sum(2) > 200
    mask = full.truth[0].mask
    # The ground shadow and half-covered edge pixels are outside the mask.
    assert (changed & mask).sum() / mask.sum() > 0.75
    assert (changed & ~mask).sum() / mask.sum() < 0.03


def test_every_garment_worn_is_found():
    truth = draw((Figure(GIRL, CLOTHES),), PLAIN, 128, truth=True).truth[0]
    assert set(truth.garment_masks) == {"top", "bottom", "hat", "glasses", "shoes"}


def test_a_held_product_is_a_garment_but_not_the_figure():
    mug = Product("mug", "red", "star")
    truth = draw((Figure(GIRL, CLOTHES, "holding", held=mug),), PLAIN, 128, truth=True).truth[0]
    product = truth.garment_masks["product"]
    assert product.sum() > 50 and not (product & truth.mask).any() and (truth.part_map[product] == parts.HELD).all()


def test_body_coordinates_run_from_one_end_of_a_limb_to_the_other():
    truth = draw((Figure(GIRL, replace(CLOTHES, top="hoodie")),), PLAIN, 256, truth=True).truth[0]
    uv = truth.body_coordinates
    assert uv.shape == (256, 256, 2) and uv.min() >= 0 and uv.max() <= 1 and not uv[~truth.mask].any()
    for part in (parts.LOWER_ARM[0], parts.LOWER_LEG[1], parts.HEAD, parts.TORSO):
        rows, columns = np.nonzero(truth.part_map == part)
        v = uv[rows, columns, 1]
        # Standing: further down the limb is further down the picture.
        assert np.corrcoef(rows, v)[0, 1] > 0.9 and v.max() - v.min() > 0.5


@pytest.mark.parametrize("size", [64, 200])
def test_truth_scales_with_the_picture(size: int):
    figure = Figure(CAT, CLOTHES, "waving")
    small, large = (draw((figure,), PLAIN, pixels, truth=True).truth[0] for pixels in (size, 2 * size))
    assert np.allclose(np.array(large.box) / 2, small.box, atol=2)
    for name, (x, y, _) in small.keypoints.items():
        assert np.allclose(large.keypoints[name][:2], (2 * x, 2 * y), atol=0.01)
