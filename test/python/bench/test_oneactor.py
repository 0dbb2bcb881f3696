"""The OneActor bench: same pictures in, same words, same search; claims that see who is better, and a run on a tiny model."""

from dataclasses import replace

import numpy as np
import pytest
from bench.fakes import BlurEncoder, SameFigure
from troupe_bench.bench import Unit
from troupe_bench.claims import judge
from troupe_bench.kit import Kit
from troupe_bench.oneactor import draw, plan, tracks
from troupe_bench.oneactor.claims import NEVER, PROPOSAL, SECONDS
from troupe_bench.oneactor.learn import learn
from troupe_bench.oneactor.pictures import draw_pictures
from troupe_bench.rows import Rows, pack, unpack
from worker.tiny_models import make_base

FIRST = Unit("0000", 0)


def test_no_scene_says_a_word_of_a_reference():
    for place in (0, 2):
        assert not {scene[place] for scene in plan.SCENES} & {view[place if place == 0 else 3] for view in plan.REFERENCES}
    assert not {scene[1] for scene in plan.SCENES} & {view[1] for view in plan.REFERENCES}


def test_every_method_was_given_as_many_tries():
    assert set(plan.SEARCH) == set(plan.METHODS)
    assert len({len(rates) for rates in plan.SEARCH.values()}) == 1


@pytest.mark.parametrize("index", range(12))
def test_a_prompt_says_everything_once_and_leaves_a_place_for_the_subject(index: int):
    cast = plan.cast_subject(3, index)
    for number in range(len(plan.SCENES)):
        text = plan.phrase(*cast.scene(number))
        assert text.count("{subject}") == 1 and f" {cast.noun}" not in text
        assert plan.SCENES[number][0] in text and cast.outfit.top_colour in text


def _pictures(**identity: list[float]) -> list[dict]:
    """Rows of twelve subjects: method -> subject score at each strength, prompt falling as strength grows."""
    rows = []
    for subject in range(12):
        for method, scores in identity.items():
            name = method.replace("_", "-")
            strengths = plan.METHODS[name].strengths if name in plan.METHODS else ()
            for at, score in enumerate(scores):
                strength = strengths[at] if strengths else None
                main = strength == (plan.METHODS[name].strength if name in plan.METHODS else None)
                rows.append(
                    {"part": "proposal", "subject": str(subject), "method": name, "strength": strength, "main": main,
                     "similarity": score + 0.01 * (subject % 3), "prompt": 0.9 - 0.1 * at, "copied": name == "paste",
                     "stranger": 0.2}
                )  # fmt: skip
    return rows


def _judge(claims, rows) -> dict:
    columns = Rows.of(unpack(pack(rows)))
    return {claim.id: made for claim in claims if (made := judge(claim, columns, {}))}


def test_claims_see_who_is_better():
    better = _pictures(
        none=[0.4], paste=[0.99], textual_inversion=[0.5], oneactor=[0.6, 0.7, 0.8], dreambooth_lora=[0.5, 0.6, 0.7]
    )
    made = _judge(PROPOSAL, better)
    assert all(made[name].value > 0 for name in ("C1a", "C1b", "C1c")) and made["C4a"].value == 1
    worse = _pictures(
        none=[0.4], paste=[0.99], textual_inversion=[0.5], oneactor=[0.3, 0.35, 0.4], dreambooth_lora=[0.5, 0.6, 0.7]
    )
    made = _judge(PROPOSAL, worse)
    assert all(made[name].value < 0 for name in ("C1a", "C1b", "C1c"))


def test_seconds_are_counted_to_the_same_identity_and_never_is_said():
    rows = []
    for subject in "abc":
        for method, marks in {
            "dreambooth-lora": [(25, 10, 0.5), (50, 20, 0.8)],
            "oneactor": [(25, 4, 0.7), (50, 8, 0.85)],
            "textual-inversion": [(25, 5, 0.3), (50, 9, 0.4)],
        }.items():
            rows += [
                {"part": "seconds", "subject": subject, "method": method, "steps": steps, "seconds": seconds, "similarity": score}
                for steps, seconds, score in marks
            ]
    made = _judge(SECONDS, rows)
    assert made["C1d"].value == 0.4 and made["C1e"].value == NEVER


@pytest.fixture
def tiny(tmp_path, monkeypatch) -> Kit:
    """A kit of a tiny model that draws noise, with settings of two steps."""
    base = make_base("paperdoll")
    monkeypatch.setattr(draw, "SIDE", 32)
    monkeypatch.setattr(tracks, "SIZE", 32)
    monkeypatch.setattr(tracks, "PROPOSALS", 3)
    monkeypatch.setattr(tracks, "SUBJECTS", 2)
    monkeypatch.setattr(tracks, "SCENES", plan.SCENES[:2])
    monkeypatch.setattr(tracks, "phrase", lambda figure, scene: "{subject} in snow")
    monkeypatch.setattr(draw, "phrase", lambda figure, scene: "{subject} waving")
    monkeypatch.setattr(draw, "SAMPLER", draw.SAMPLER.model_copy(update={"steps": 2}))
    cast = plan.cast_subject(3, 0)
    girl = replace(cast, identity=replace(cast.identity, kind="girl"))
    monkeypatch.setattr(tracks, "cast_subject", lambda seed, index, split="test": replace(girl, index=index))
    quick = {"oneactor": {"drawSteps": 2}, "textual-inversion": {}, "dreambooth-lora": {"classPictures": 2, "classSteps": 2}}
    for method, settings in quick.items():
        old = plan.METHODS[method]
        monkeypatch.setitem(plan.METHODS, method, replace(old, settings={**old.settings, **settings, "steps": 2}, marks=(1, 2)))
    kit = Kit(tmp_path, tmp_path)
    kit.__dict__.update(base=base, base_ref=base.ref, encoder=BlurEncoder(), oracle=SameFigure())
    return kit


def test_every_method_draws_the_same_scenes_of_the_same_proposal(tiny: Kit, tmp_path):
    rows = tracks.measure_proposal(FIRST, tiny, 3)
    main = [row for row in rows if row["main"]]
    assert {row["method"] for row in main} == {"none", "paste", *plan.METHODS}
    assert {len([row for row in main if row["method"] == method]) for method in ("none", "paste", *plan.METHODS)} == {4}
    pasted = [row for row in main if row["method"] == "paste"]
    assert all(row["similarity"] == pytest.approx(1) and row["copied"] for row in pasted)
    assert all(row["seconds"] > 0 for row in main if row["method"] in plan.METHODS)
    curve = [row for row in rows if not row["main"]]
    assert {row["method"] for row in curve} == {"oneactor", "dreambooth-lora"} and len(curve) == 8
    made = _judge(PROPOSAL, [{"part": "proposal", **row} for row in rows])
    assert set(made) == {claim.id for claim in PROPOSAL}
    other = [{"part": "search", "subject": "a", "method": "oneactor", "learningRate": 1e-3, "similarity": 0.5}]
    draw_pictures(tmp_path, unpack(pack([{"part": "proposal", **row} for row in rows] + other)), tiny, 3)
    assert (tmp_path / "oneactor-curves.png").exists() and (tmp_path / "oneactor-sheet.png").exists()
    assert "| paste | 1.000 |" in (tmp_path / "oneactor-methods.md").read_text()


def test_the_reference_track_learns_from_as_many_uploads_as_it_says(tiny: Kit):
    for uploads in (1, 4):
        start = tracks.start_reference(tiny, 3, 0, uploads)
        assert len(start.references) == len(start.target.references) == uploads
        assert all("{subject}" in reference.caption for reference in start.references)
        assert start.settings_of("oneactor")["track"] == "reference"


def test_learning_in_marks_ends_where_an_unbroken_run_ends(tiny: Kit):
    start = tracks.start_reference(tiny, 3, 0, 1)
    for method in plan.METHODS:
        settings = start.settings_of(method)
        *_, marked = learn(tiny.base, method, "girl", start.references, settings, (1, 2))
        (whole,) = learn(tiny.base, method, "girl", start.references, settings, (2,))
        assert marked.adapter.tensors.keys() == whole.adapter.tensors.keys()
        for name, tensor in whole.adapter.tensors.items():
            assert np.array_equal(marked.adapter.tensors[name].numpy(), tensor.numpy()), (method, name)


def test_ablations_tune_anew_only_where_tuning_changes(tiny: Kit, monkeypatch):
    tuned = []
    honest = tracks.learn
    monkeypatch.setattr(tracks, "learn", lambda *words: tuned.append(words[4]) or honest(*words))
    monkeypatch.setattr(tracks, "ABLATIONS", [it for it in plan.ABLATIONS if it.name not in ("N 6", "h behind the middle block")])
    rows = tracks.measure_ablations(FIRST, tiny, 3)
    assert len(tuned) == 1 + sum(it.tunes for it in tracks.ABLATIONS)
    assert {row["ablation"] for row in rows} == {it.name for it in tracks.ABLATIONS}
