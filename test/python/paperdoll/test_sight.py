"""Eyes: the truth they learn from is the world's, cut-outs are where boxes are, and a resumed training equals an unbroken one."""

import json

import numpy as np
import onnxruntime
import pytest
import torch
from paperdoll.drawing.parts import HELD
from paperdoll.sampling import sample_scene
from paperdoll.sight import nets, training
from paperdoll.sight.export import Sight, export_eyes, output_names, read_eyes
from paperdoll.sight.lesson import eyes_loss, shown_attributes, take
from paperdoll.sight.names import ATTRIBUTES, KEYPOINTS, SLOTS
from paperdoll.sight.scenes import Scenes, SceneSettings, draw_scenes, read_entry
from paperdoll.sight.worn import wear_scenes
from paperdoll.train.learner import LearnSettings, read_average
from paperdoll.train.vae import build_vae


@pytest.fixture(scope="module")
def scenes(tmp_path_factory) -> Scenes:
    return draw_scenes(tmp_path_factory.mktemp("sight") / "scenes", SceneSettings(24, "train", 5), processes=1)


def test_slots_go_from_left_to_right_and_boxes_hold_their_figures(scenes):
    for number in range(len(scenes)):
        places = scenes.boxes[number][scenes.present[number]]
        assert list(places[:, 0] + places[:, 2]) == sorted(places[:, 0] + places[:, 2])
        for slot, (left, top, right, bottom) in enumerate(places):
            rows, columns = np.nonzero(scenes.owners[number] == slot + 1)
            assert left * 64 - 1 <= columns.min() and columns.max() <= right * 64
            assert top * 64 - 1 <= rows.min() and rows.max() <= bottom * 64
    assert scenes.present.any(1).sum() > 18
    assert not scenes.present.all()


def test_a_cut_out_shows_what_is_in_its_square():
    pixels = torch.zeros(1, 3, 128, 128)
    pixels[:, :, 32:64, 64:96] = 1
    cut = nets.cut_out(pixels, torch.tensor([[80 / 128, 48 / 128, 32 / 128]]), 16)
    assert cut.min() > 0.45 and cut[..., 1:-1, 1:-1].min() > 0.99
    outside = nets.cut_out(pixels, torch.tensor([[2.0, 2.0, 0.2]]), 8)
    assert torch.allclose(outside, torch.full_like(outside, 0.5))


def test_eyes_find_and_read_in_the_shapes_that_are_promised(scenes):
    eyes = nets.Eyes().eval()
    rows = take(scenes, np.arange(3))
    found = eyes.locator(rows["images"])
    assert found["owners"].shape == (3, SLOTS + 1, 64, 64)
    at = nets.Squares(torch.rand(2, 3) + 0.1, torch.rand(2, 3) + 0.1)
    read = eyes.look(rows["images"][[0, 2]], at)
    assert read["points"].shape == (2, len(KEYPOINTS), 2)
    assert {name: read[name].shape for name in ATTRIBUTES} == {name: (2, len(values)) for name, values in ATTRIBUTES.items()}


def test_a_resumed_training_of_eyes_equals_an_unbroken_one(scenes, tmp_path, monkeypatch):
    real_run = training.run_training

    def train(folder, steps):
        def run(learner, folder, reporter, parts_of):
            real_run(learner, folder, reporter, parts_of, stop=lambda: learner.step >= steps)

        monkeypatch.setattr(training, "run_training", run)
        settings = LearnSettings(minutes=1, rate=1e-3, steps=3, average_every=1, warmup_steps=1)
        pictures = tmp_path / "scenes"
        if not pictures.exists():
            draw_scenes(pictures, SceneSettings(24, "train", 5), processes=1)
        training.train_eyes(folder, pictures, settings, 4, seed=1)
        return read_average(folder)[0]

    unbroken = train(tmp_path / "a", 3)
    train(tmp_path / "b", 1)
    for name, value in train(tmp_path / "b", 3).items():
        assert torch.equal(value, unbroken[name]), name


def test_exported_eyes_read_what_eyes_read_and_can_be_read_back(scenes, tmp_path):
    torch.manual_seed(3)
    eyes = nets.Eyes()
    for parameter in eyes.parameters():  # what begins as zeros or ones would hide a lost weight
        torch.nn.init.normal_(parameter, std=0.05)
    export_eyes(eyes, tmp_path, "oracle", unnamed=True, samples=7)
    assert (tmp_path / "oracle.onnx").stat().st_size < 10_000_000
    kept = read_eyes(tmp_path / "oracle.onnx")
    for name, value in eyes.state_dict().items():
        torch.testing.assert_close(kept[name], value, rtol=1e-3, atol=1e-4)
    eyes.load_state_dict(kept)
    pixels = take(scenes, np.arange(4))["images"]
    session = onnxruntime.InferenceSession(tmp_path / "oracle.onnx", providers=["CPUExecutionProvider"])
    with torch.inference_mode():
        wanted = Sight(eyes.eval(), unnamed=True)(pixels)
    for name, value, made in zip(output_names(True), wanted, session.run(None, {"pixels": pixels.numpy()}), strict=True):
        assert np.abs(made - value.numpy()).max() < 1e-4, name
    card = json.loads((tmp_path / "oracle.json").read_text())
    assert {name: len(values) for name, values in card["attributes"].items()} == {
        name: wanted[output_names(True).index(f"attribute.{name}")].shape[2] for name in ATTRIBUTES
    }


def test_eyes_of_a_product_say_nothing_of_unnamed_traits():
    assert not [name for name in output_names(unnamed=False) if name == "numbers" or name.startswith("choice")]


def test_a_locator_can_learn_from_less_than_the_batch(scenes):
    random = torch.Generator().manual_seed(1)
    loss, figures = eyes_loss(nets.Eyes(), take(scenes, np.arange(4)), random, locate_share=0.25)
    assert torch.isfinite(loss)
    assert 0 <= figures["right"] <= 1


def test_worn_pictures_are_the_first_of_the_set_and_are_taken_for_them(tmp_path):
    scenes = draw_scenes(tmp_path, SceneSettings(20, "train", 6), processes=1)
    clean = take(scenes, np.arange(20))["images"]
    wear_scenes(tmp_path, build_vae().eval(), 18, seed=2)
    worn = np.arange(20) % 2 == 0
    worn[18:] = False
    mixed = take(Scenes(tmp_path), np.arange(20), worn)["images"]
    assert (mixed != clean).flatten(1).any(1).tolist() == worn.tolist()


def test_a_point_is_found_where_its_heat_is():
    eyes = nets.Eyes()
    close, seen = eyes.body, []
    close.points.register_forward_hook(lambda module, given, made: seen.append(made))
    heat = torch.full((1, 1, 38, 38), -30.0)
    for row, column in ((3, 3), (19, 10), (34, 34), (0, 37)):
        heat[0, 0, row, column] = 30
        (place,) = nets._find_points(heat)[0].tolist()
        assert place == pytest.approx([(column - 3 + 0.5) / 32 - 0.5, (row - 3 + 0.5) / 32 - 0.5], abs=1e-4)
        heat[0, 0, row, column] = -30
    close(torch.rand(1, 3, nets.BODY_SIDE, nets.BODY_SIDE))
    assert seen[0].shape[-2:] == (38, 38)


def test_a_thin_stripe_is_grey_in_a_small_cut_out_and_not_missed():
    pixels = torch.zeros(1, 3, 128, 128)
    pixels[..., ::4] = 1  # one pixel of four
    shades = nets.cut_out(pixels, torch.tensor([[0.5, 0.5, 1.0]]), 32)
    assert 0.1 < shades.min() and shades.max() < 0.5


def test_what_is_held_is_nobodys_body(scenes):
    held = scenes.parts == HELD
    assert not held.any() or (scenes.owners[held] == 0).all()
    drawn = [read_entry(*sample) for sample in _holders(3)]
    assert all((entry["parts"] == HELD).any() and (entry["owners"][entry["parts"] == HELD] == 0).all() for entry in drawn)


def test_what_nobody_could_see_is_not_taught(scenes):
    rows = take(scenes, np.arange(len(scenes)))
    at = rows["present"].nonzero(as_tuple=True)
    shown = shown_attributes(rows["attributes"][at], rows["keypoints"][at])
    framing = rows["attributes"][at][:, list(ATTRIBUTES).index("framing")]
    portraits = framing == ATTRIBUTES["framing"].index("portrait")
    assert shown["bottom"][portraits].sum() == 0 and shown["bottom"][~portraits].mean() > 0.5
    laughing = rows["attributes"][at][:, list(ATTRIBUTES).index("expression")] == ATTRIBUTES["expression"].index("laughing")
    assert ((shown["eye colour"] == 0) == laughing).all()


def _holders(count: int):
    """Return scenes whose figure holds something."""
    rng, found = np.random.Generator(np.random.PCG64(1)), []
    while len(found) < count:
        figures, scene = sample_scene(rng, "train")
        if figures and figures[0].held and scene.framing == "full body":
            found.append((figures, scene))
    return found
