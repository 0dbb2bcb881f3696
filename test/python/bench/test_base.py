"""The base bench: a perfect instrument passes, a blind one fails, and the three numbers tell pasting from drawing."""

import json
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from paperdoll.drawing import draw
from paperdoll.identity import Figure, Identity, Outfit, Scene, near_twin
from paperdoll.sight.names import ATTRIBUTES
from troupe_bench.base import encoder, labels, model, oracle, paste, pictures, prompts, reader
from troupe_bench.bench import Unit
from troupe_bench.claims import judge
from troupe_bench.distance import count_distinct, identity_distance
from troupe_bench.likeness import Reference, copy_nearness
from troupe_bench.rows import Rows, pack, unpack
from troupe_bench.subjects import list_lookalikes, make_rng, pick_identity, sample_view
from troupe_bench.truth import CHANGES, SIZE, list_shown, see_truth

FIRST = Unit("0000", 0)
GIRL = Figure(Identity("girl", "fair", "bob", "black", "brown"), Outfit("hoodie", "red", "plain", "skirt", "blue"))


def _see(figure: Figure, scene: Scene):
    return see_truth((figure,), scene, draw((figure,), scene, SIZE, truth=True))[0]


def _values(part, rows) -> dict[str, float]:
    columns = Rows.of(unpack(pack({"part": part.name, **row} for row in rows)))
    return {claim.id: made.value for claim in part.claims if (made := judge(claim, columns, {}))}


def test_a_picture_shows_an_attribute_when_another_value_would_move_its_pixels():
    portrait, full = Scene("park", "portrait"), Scene("park", "full body")
    near = list_shown(GIRL, portrait, draw((GIRL,), portrait, SIZE).image)
    far = list_shown(GIRL, full, draw((GIRL,), full, SIZE).image)
    assert {"eye colour", "hair style", "expression", "glasses"} <= set(near) and "bottom colour" not in near
    assert {"bottom colour", "top", "pose"} <= set(far) and not {"logo", "product colour"} & set(far)
    assert set(CHANGES) == set(ATTRIBUTES) - {"framing"}


def test_a_picture_shows_an_attribute_only_when_every_other_value_would_move_its_pixels():
    portrait, full = Scene("park", "portrait"), Scene("park", "full body")
    near, far = (list_shown(GIRL, scene, draw((GIRL,), scene, SIZE).image) for scene in (portrait, full))
    assert "pattern" in far and "pattern" not in near  # stripes would be seen, a star is below the edge
    assert "top colour" in near


def test_a_perfect_oracle_passes_and_a_blind_one_reads_nothing(kit, monkeypatch):
    monkeypatch.setattr(oracle, "PER_UNIT", 9)
    part = oracle.PARTS[0]
    perfect = _values(part, oracle.measure_reading(FIRST, kit, 3))
    assert perfect == {"E1a": 1, "E1b": 1, "E1": 1, "E1i": 1, "E1c": 0}
    monkeypatch.setattr(kit.oracle, "read", lambda pixels: [[] for _ in pixels])
    assert _values(part, oracle.measure_reading(FIRST, kit, 3))["E1a"] == 0


def test_an_oracle_that_the_vae_blinds_loses_every_point(kit, monkeypatch):
    monkeypatch.setattr(oracle, "PER_UNIT", 3)
    kit.through_vae = lambda pixels: pixels // 2
    assert _values(oracle.PARTS[0], oracle.measure_reading(FIRST, kit, 3))["E1c"] == pytest.approx(100)


def test_a_near_twin_is_one_step_away_and_namesakes_are_further():
    rng = make_rng(5, 0)
    identity = pick_identity(5, 0)
    scene = Scene("park", "portrait")
    own = _see(Figure(identity, GIRL.outfit), scene)
    twin = _see(Figure(near_twin(identity, rng)[0], GIRL.outfit), scene)
    namesakes = [_see(Figure(who, GIRL.outfit), scene) for who in list_lookalikes(identity, rng, 0, 5)]
    assert identity_distance(own, _see(Figure(identity, replace(GIRL.outfit, top="coat")), Scene("beach", "half body"))) == 0
    assert identity_distance(own, twin) == pytest.approx(1, abs=0.02)
    assert min(identity_distance(own, other) for other in namesakes) > 1.2
    assert count_distinct([own, own, twin, *namesakes], 0.5) == 7


def test_same_subjects_lie_nearer_than_namesakes(kit, monkeypatch):
    monkeypatch.setattr(oracle, "PER_UNIT", 6)
    values = _values(oracle.PARTS[1], oracle.measure_sameness(FIRST, kit, 3))
    assert values["E1e"] == 1 and values["E1g"] == 0 and values["E1h"] > 1.5


def test_the_threshold_parts_subjects_from_namesakes_on_validation_subjects(kit):
    found = oracle.find_threshold(kit, 3, subjects=6)
    assert found["sameBeyond"] == 0 and found["subjects"] == 6
    assert found["namesakesWithin"] == 0 and 0 <= found["within"] < 1.2


def test_a_copy_is_near_in_pose_crop_and_pixels_and_a_new_scene_is_not():
    identity, rng = pick_identity(7, 1), make_rng(7, 1)
    views = [sample_view(identity, rng, GIRL.outfit, "half body") for _ in range(4)]
    pictures = [draw((figure,), scene, SIZE).image for figure, scene in views]
    seen = [_see(figure, scene) for figure, scene in views]
    references = [Reference(image, found) for image, found in zip(pictures, seen, strict=True)]
    noise = np.random.Generator(np.random.PCG64(1)).normal(0, 6, pictures[0].shape)
    worn = (pictures[0] + noise).clip(0, 255).astype(np.uint8)
    assert copy_nearness(worn, seen[0], references[0]) > 0.6
    for one, two in pairwise(range(4)):
        assert copy_nearness(pictures[one], seen[one], references[two]) < 0.4
    # The place alone copied, the figure set anew: near in pixels, far in pose.
    figure, scene = views[0]
    moved = replace(figure, pose="arms raised" if figure.pose != "arms raised" else "sitting", facing="left", x=0.35)
    assert copy_nearness(draw((moved,), scene, SIZE).image, _see(moved, scene), references[0]) < 0.5


def test_pasting_wins_on_likeness_and_is_told_as_a_copy(kit, monkeypatch):
    monkeypatch.setattr(paste, "PER_UNIT", 3)
    monkeypatch.setattr(paste, "STRANGERS", 3)
    rows = paste.measure_paste(FIRST, kit, 3)
    values = _values(paste.PARTS[0], rows)
    assert values["E6b"] == 1 and values["E6c"] == 0
    assert values["E6e"] > values["E6f"]
    assert all(row["distance"] == 0 for row in rows)


def test_recall_counts_the_subject_among_all(kit, monkeypatch):
    monkeypatch.setattr(encoder, "IDENTITIES", 20)
    monkeypatch.setattr(encoder, "PER_UNIT", 10)
    rows = encoder.measure_recall(FIRST, kit, 3)
    values = _values(encoder.PARTS[0], rows)
    assert len(rows) == 10 and len(rows[0]["strangers"]) == 16
    assert 0.6 < values["E2e"] <= 1 and values["E2f"] < values["E2e"]


def test_a_perfect_reader_finds_every_figure_and_joint(kit, monkeypatch):
    monkeypatch.setattr(reader, "PER_UNIT", 8)
    assert _values(reader.PARTS[0], reader.measure_scenes(FIRST, kit, 3)) == {"E3a": 1, "E3b": 1}
    monkeypatch.setattr(kit.reader, "read", lambda pixels: [[] for _ in pixels])
    assert _values(reader.PARTS[0], reader.measure_scenes(FIRST, kit, 3)) == {"E3a": 0, "E3b": 0}


def test_a_prompt_names_what_its_render_shows_and_nothing_that_a_caption_leaves_out(kit, monkeypatch):
    monkeypatch.setattr(prompts, "BATCH", 2)
    drawn = []
    monkeypatch.setattr(
        prompts, "draw_prompts", lambda base, asked, seeds: drawn.extend(asked) or np.zeros((2, 128, 128, 3), np.uint8)
    )
    kit.__dict__["base"] = None
    rows = prompts.measure_prompts(FIRST, kit, 3)
    assert [row["prompt"] for row in rows] == drawn
    for row in rows:
        assert row["nWrong"] == row["nAsked"] > 4 and row["nWrongTrue"] == 0
        assert ("glasses" in row["asked"]) <= ("glasses" in row["prompt"]) and "framing" in row["asked"]
        patterned = any(pattern in row["prompt"] for pattern in ("striped", "dotted", "with a star", "with a heart"))
        assert ("pattern" in row["asked"]) <= patterned
        assert prompts.drawing_path(kit, 3, row["number"]).exists() and not prompts.drawing_path(kit, 4, row["number"]).exists()


def test_what_a_renders_figure_holds_is_asked_of_the_oracle(kit, monkeypatch):
    monkeypatch.setattr(oracle, "PER_UNIT", 9)
    *_, before, row = oracle.measure_reading(FIRST, kit, 3)
    assert "product colour" in row["shown"] and "product colour" not in before["shown"]
    assert row["nThere"] > 0 and before["nThere"] < before["nShown"]


def test_ten_seeds_are_counted_beside_ten_renders_of_one_and_of_ten(kit, monkeypatch):
    sight = kit.oracle
    monkeypatch.setattr(model, "draw", sight.draw)
    known = np.stack([sight.draw((GIRL,), Scene("park", "half body", variation=at), SIZE).image for at in range(10)])
    monkeypatch.setattr(model, "draw_prompts", lambda base, asked, seeds: known)
    kit.__dict__["base"] = None
    (row,) = model.measure_variety(FIRST, kit, 3)
    assert row["figures"] == 10 and row["distinct"] == row["distinctOfOne"] == 1 and row["distinctOfTen"] >= 8


def test_pictures_that_the_base_model_redrew_have_strangers_too(kit, monkeypatch):
    monkeypatch.setattr(encoder, "REDRAWN_PER_UNIT", 4)
    monkeypatch.setattr(encoder, "redraw", lambda base, images, told, seeds, strength: images)
    rows = encoder.measure_redrawn(FIRST, kit, 3)
    assert [len(row["strangers"]) for row in rows] == [3] * 4
    values = _values(next(part for part in encoder.PARTS if part.name == "encoder on drawings"), rows)
    assert values["E2i"] > 0.5 and set(values) == {"E2d", "E2h", "E2i", "E2j"}


def test_labels_of_other_drawings_or_unknown_words_are_refused(kit, tmp_path):
    file = tmp_path / "labels.json"
    answers = {"0000": {"kind": "girl"}}
    for labelled, wrong in (
        ({"seed": 4, "base": kit.base_ref.digest, "answers": answers}, "another base model or seed"),
        ({"seed": 3, "base": "0" * 64, "answers": answers}, "another base model or seed"),
        ({"seed": 3, "base": kit.base_ref.digest, "answers": {"0000": {"kind": "unicorn"}}}, "no word of the world"),
    ):
        file.write_text(json.dumps(labelled))
        with pytest.raises(ValueError, match=wrong):
            labels.read_answers(kit, 3, file)


def test_what_people_did_not_see_is_counted_apart(kit, monkeypatch):
    identity = pick_identity(3, 0)
    figure, scene = sample_view(identity, make_rng(3, 0), Outfit("coat", "red", "plain", "skirt", "blue"), "half body")
    picture = kit.oracle.draw((figure,), scene)
    other = next(kind for kind in ATTRIBUTES["kind"] if kind != identity.kind)
    told = {"kind": other, "top": "coat", "hat colour": "none"}
    monkeypatch.setattr(labels, "PER_UNIT", 1)
    monkeypatch.setattr(labels, "read_answers", lambda kit, seed: {"0000": told})
    monkeypatch.setattr(labels, "find_picture", lambda kit, seed, index: picture.image)
    (row,) = labels.measure_labels(FIRST, kit, 3)
    assert row["wrong"] == ["kind"] and (row["nTold"], row["nThere"], row["nWrongThere"]) == (3, 2, 1)


def test_without_an_oracle_the_truth_reads_what_was_drawn(kit, monkeypatch):
    monkeypatch.setattr(paste, "PER_UNIT", 2)
    monkeypatch.setattr(paste, "STRANGERS", 2)
    by_oracle = paste.measure_paste(FIRST, kit, 3)
    del kit.__dict__["oracle"]
    kit.oracle_folder = kit.scratch / "nothing"
    by_truth = paste.measure_paste(FIRST, kit, 3)
    assert {row.pop("readBy") for row in by_truth} == {"truth"} and {row.pop("readBy") for row in by_oracle} == {"oracle"}
    assert by_truth == by_oracle


def test_pictures_are_made_of_what_was_measured(kit, monkeypatch, tmp_path):
    monkeypatch.setattr(oracle, "PER_UNIT", 6)
    rows = [{"part": "oracle", **row} for row in oracle.measure_reading(FIRST, kit, 3)]
    rows[0] |= {"wrong": ["kind"], "mistakes": ["kind: girl → woman"]}
    strangers = [[0.1, 0.2], [0.3, -0.4]]
    rows += [
        {"part": "encoder", "subject": "a", "same": 0.9, "sameLatent": 0.8, "strangers": it, "strangersLatent": it}
        for it in strangers
    ]
    pictures.draw_pictures(tmp_path, unpack(pack(rows)), kit, 3)
    assert (tmp_path / "base-likeness.png").exists()
    table = (tmp_path / "base-attributes.md").read_text()
    assert "| kind: girl → woman | 1 |" in table and "| kind | 0.833 (6) | 1.000 (6) | – | – |" in table
    assert not (tmp_path / "base-drawings.png").exists()
