"""The OneActor bench: same pictures in, same words, same search; claims that see who is better, and a run on a tiny model."""

from dataclasses import replace

import numpy as np
import pytest
from bench.fakes import BlurEncoder, SameFigure
from paperdoll.captions import attributes
from paperdoll.drawing import draw as draw_world
from troupe_bench.bench import Unit
from troupe_bench.claims import holds, judge
from troupe_bench.kit import Kit
from troupe_bench.oneactor import draw, plan, starts, tracks
from troupe_bench.oneactor.claims import NEVER, PROPOSAL, SEARCH, find_front, find_winner
from troupe_bench.oneactor.learn import MemoryStore, learn
from troupe_bench.oneactor.pictures import draw_pictures
from troupe_bench.oneactor.places import read_place
from troupe_bench.oneactor.score import scene_share
from troupe_bench.rows import Rows, pack, unpack
from troupe_bench.subjects import name_subject
from troupe_bench.truth import see_truth
from troupe_worker.checkpoints import Checkpoints
from troupe_worker.methods import oneactor
from troupe_worker.methods.oneactor.examples import make_examples
from troupe_worker.methods.oneactor.settings import TRACKS
from troupe_worker.models import decode_latents
from troupe_worker.settings import read_settings
from troupe_worker.stopping import StopSignal
from troupe_worker.subjects import Subject
from troupe_worker.training import Session
from worker.tiny_models import make_base

FIRST = Unit("0000", 0)


def test_no_scene_says_a_word_of_a_reference():
    said = {
        word for pose, expression, _, place, _ in plan.REFERENCES for text in (pose, expression, place) for word in text.split()
    }
    asked = {word for pose, expression, place, _ in plan.SCENES for text in (pose, expression, place) for word in text.split()}
    assert not said & asked


def test_every_method_was_given_as_many_tries_and_runs_with_one_of_them():
    assert set(plan.SEARCH) == set(plan.METHODS)
    assert len({len(rates) for rates in plan.SEARCH.values()}) == 1
    for method, rates in plan.SEARCH.items():
        assert set(plan.METHODS[method].tried) == set(TRACKS)
        assert all(rate in rates and steps in plan.MARKS for rate, steps in plan.METHODS[method].tried.values())


def test_searches_draw_at_the_strength_that_a_method_is_judged_at():
    assert plan.METHODS["oneactor"].strength == oneactor.DEFAULTS["paperdoll"].strength
    assert plan.METHODS["dreambooth-lora"].strength == 1, "as learned"


@pytest.mark.parametrize("index", range(12))
def test_a_prompt_says_the_scene_and_the_richest_caption_the_subject_too(index: int):
    cast = plan.cast_subject(3, index)
    for number in range(len(plan.SCENES)):
        short, rich = plan.phrase(*cast.scene(number)), plan.describe(*cast.scene(number))
        for text in (short, rich):
            assert text.count("{subject}") == 1 and f" {cast.noun}" not in text and plan.SCENES[number][0] in text
        assert cast.outfit.top_colour in rich and not {cast.outfit.top, "with", "wearing", "eyes"} & set(short.split())
        # Both in the words of the world's captions: what is left of the richest is the short one.
        assert [it for it in rich.split(", ") if it in short.split(", ")] == [it for it in short.split(", ") if "{" not in it]


def test_the_richest_caption_of_a_drawing_says_what_is_seen_in_it():
    cast = plan.cast_subject(3, 0)
    figure, scene = plan.cast_subject(3, 5).scene(0)
    other = replace(cast, identity=replace(figure.identity, kind=cast.noun), outfit=figure.outfit)
    words = attributes(other.scene(0)[:1], scene)
    seen = plan.see_cast(cast, words)
    assert plan.describe(*seen.scene(0)) == plan.describe(*other.scene(0))
    bald = plan.see_cast(cast, {**words, "hair style": "none", "hair colour": "none", "surface": "none", "eye colour": "none"})
    assert "hair" not in plan.describe(*bald.scene(0)) and "none" not in plan.describe(*bald.scene(0))


def test_subjects_of_one_noun_are_different_proposals():
    nouns = [plan.cast_subject(3, index).noun for index in range(plan.SUBJECTS)]
    subjects = [(noun, starts._place_proposal(3, index, "test")) for index, noun in enumerate(nouns)]
    assert len(set(subjects)) == plan.SUBJECTS and max(place for _, place in subjects) < starts.PROPOSALS


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
                     "stranger": 0.2, "seed": 0}
                )  # fmt: skip
    return rows


def _judge(claims, rows) -> dict:
    columns = Rows.of(unpack(pack(rows)))
    return {claim.id: made for claim in claims if (made := judge(claim, columns, {}))}


def test_claims_see_who_is_better():
    better = _pictures(
        none=[0.4], paste=[0.99], textual_inversion=[0.5], oneactor=[0.6, 0.7, 0.8, 0.9], dreambooth_lora=[0.5, 0.6, 0.7, 0.75]
    )
    made = _judge(PROPOSAL, better)
    assert all(made[name].value > 0 for name in ("C1a", "C1b", "C1c")) and made["C4a"].value == 1
    worse = _pictures(
        none=[0.4], paste=[0.99], textual_inversion=[0.5], oneactor=[0.3, 0.35, 0.4, 0.4], dreambooth_lora=[0.5, 0.6, 0.7, 0.75]
    )
    made = _judge(PROPOSAL, worse)
    assert all(made[name].value < 0 for name in ("C1a", "C1b", "C1c"))


def test_a_front_is_what_nothing_dominates():
    assert find_front([(0.7, 0.4), (0.72, 0.5), (0.71, 0.65), (0.6, 0.7), (0.6, 0.6)]) == [(0.72, 0.5), (0.71, 0.65), (0.6, 0.7)]


@pytest.mark.parametrize(
    ("dreambooth", "oneactor"),
    [
        # A dip in DreamBooth-LoRA's curve is no room to be above it, nor does one far point make up for two that are below.
        ([(0.72, 0.5), (0.71, 0.65), (0.6, 0.7), (0.6, 0.7)], [(0.7, 0.45)] * 4),
        ([(0.68, 0.5), (0.65, 0.6), (0.6, 0.7), (0.6, 0.7)], [(0.69, 0.4), (0.66, 0.52), (0.3, 0.85), (0.3, 0.85)]),
    ],
)
def test_a_dominated_point_is_below_the_front(dreambooth, oneactor):
    rows = []
    for name, points in {"noun": [(0.7, 0.4)], "dreambooth-lora": dreambooth, "oneactor": oneactor}.items():
        strengths = plan.METHODS[name].strengths if name in plan.METHODS else (None,)
        for strength, (prompt, identity) in zip(strengths, points, strict=True):
            row = {
                "part": "proposal",
                "method": name,
                "strength": strength,
                "main": True,
                "seed": 0,
                "copied": False,
                "stranger": 0.2,
            }
            rows += [{**row, "subject": subject, "prompt": prompt, "similarity": identity} for subject in "ab"]
    assert _judge(PROPOSAL, rows)["C1c"].value < 0


def test_seconds_are_counted_to_the_same_identity_and_never_is_said():
    rows = []
    for subject in "abc":
        for method, marks in {
            "dreambooth-lora": [(25, 10, 0.5), (50, 20, 0.8), (100, 40, 0.805)],
            "oneactor": [(25, 4, 0.7), (50, 8, 0.85)],
            "textual-inversion": [(25, 5, 0.3), (50, 9, 0.4)],
        }.items():
            rate, _ = plan.METHODS[method].tried["proposal"]
            for tried, bonus in ((rate, 0.0), (2 * rate, 0.1)):  # only what won the search counts
                rows += [
                    {"part": "search", "subject": subject, "method": method, "learningRate": tried, "steps": steps,
                     "seconds": seconds, "similarity": score + bonus, "prompt": 0.5}
                    for steps, seconds, score in marks
                ]  # fmt: skip
    made = _judge(SEARCH, rows)
    assert made["C1d"].value == 0.4 and made["C1e"].value == NEVER  # the last mark's 0.005 is noise: 20 s were enough
    assert made["C1f"].value == pytest.approx(0.005)


def _search(**won: tuple[float, int]) -> list[dict]:
    """Rows of a search in which each method is best with these settings, and nearest to the subject with others."""
    rows = []
    for method, winner in won.items():
        name = method.replace("_", "-")
        for rate in plan.SEARCH[name]:
            for steps in plan.MARKS:
                near, told = (0.7, 0.7) if (rate, steps) == winner else (0.9, 0.3) if steps == plan.MARKS[-1] else (0.5, 0.8)
                row = {"part": "search", "method": name, "learningRate": rate, "steps": steps, "seconds": steps}
                rows += [{**row, "subject": subject, "similarity": near, "prompt": told} for subject in "ab"]
    return rows


def test_the_winner_of_a_search_is_near_the_subject_and_says_its_scene():
    rows = Rows.of(unpack(pack(_search(oneactor=(1e-3, 100), textual_inversion=(2e-2, 50)))))
    assert find_winner(rows, "oneactor") == (1e-3, 100) and find_winner(rows, "textual-inversion") == (2e-2, 50)


def test_what_is_alike_is_won_by_the_fewest_steps():
    rows = _search(oneactor=(1e-3, 100))
    for row in rows:
        if (row["learningRate"], row["steps"]) == (3e-4, 50):
            row |= {"similarity": 0.69, "prompt": 0.695}
    assert find_winner(Rows.of(unpack(pack(rows))), "oneactor") == (3e-4, 50)


def test_a_method_that_runs_with_what_lost_its_search_is_told():
    own = {name.replace("-", "_"): it.tried["proposal"] for name, it in plan.METHODS.items()}
    assert _judge(SEARCH, _search(**own))["C1g"].value == len(plan.METHODS)
    made = _judge(SEARCH, _search(**own | {"oneactor": (3e-4, 25)}))["C1g"]
    assert made.value == len(plan.METHODS) - 1 and not holds(made)


def test_a_place_is_read_around_the_figure():
    for index, (_, _, place, _) in enumerate(plan.SCENES):
        figure, scene = plan.cast_subject(3, index).scene(index)
        picture = draw_world((figure,), scene, 128, truth=True)
        (seen,) = see_truth((figure,), scene, picture)
        assert read_place(picture.image, seen.mask) == place
        assert scene_share(picture.image, seen, index) == 1
        assert scene_share(picture.image, seen, (index + 1) % len(plan.SCENES)) < 0.5
    assert read_place(picture.image, np.ones((64, 64), bool)) is None


@pytest.fixture
def tiny(tmp_path, monkeypatch) -> Kit:
    """A kit of a tiny model that draws noise, with settings of two steps."""
    base = make_base("paperdoll")
    monkeypatch.setattr(draw, "SIDE", 32)
    monkeypatch.setattr(starts, "SIZE", 32)
    monkeypatch.setattr(starts, "PROPOSALS", 3)
    monkeypatch.setattr(starts, "SUBJECTS", 2)
    monkeypatch.setattr(tracks, "MARKS", (1, 2))
    monkeypatch.setattr(tracks, "ABLATION_STEPS", 2)
    monkeypatch.setattr(tracks, "SCENES", plan.SCENES[:2])
    monkeypatch.setattr(starts, "phrase", lambda figure, scene: "{subject} in snow")
    monkeypatch.setattr(draw, "phrase", lambda figure, scene: "{subject} waving")
    monkeypatch.setattr(draw, "SAMPLER", draw.SAMPLER.model_copy(update={"steps": 2}))
    cast = plan.cast_subject(3, 0)
    girl = replace(cast, identity=replace(cast.identity, kind="girl"))
    monkeypatch.setattr(starts, "cast_subject", lambda seed, index, split="test": replace(girl, index=index))
    monkeypatch.setattr(draw, "describe", lambda figure, scene: "{subject} waving in snow")
    quick = {"oneactor": {"drawSteps": 2}, "textual-inversion": {}, "dreambooth-lora": {"classPictures": 2, "classSteps": 2}}
    for method, settings in quick.items():
        old = plan.METHODS[method]
        monkeypatch.setitem(
            plan.METHODS, method, replace(old, settings={**old.settings, **settings}, tried=dict.fromkeys(TRACKS, (1e-3, 2)))
        )
    kit = Kit(tmp_path, tmp_path)
    kit.__dict__.update(base=base, base_ref=base.ref, encoder=BlurEncoder(), oracle=SameFigure())
    return kit


def test_every_method_draws_the_same_scenes_of_the_same_proposal(tiny: Kit, tmp_path):
    rows = tracks.measure_proposal(FIRST, tiny, 3)
    main = [row for row in rows if row["main"]]
    methods = {"none", "noun", "paste", *plan.METHODS}
    assert {row["method"] for row in main} == methods
    assert {row["subject"] for row in rows} == {name_subject(starts.cast_subject(3, 0).identity)}, (
        "not who is seen in the picture"
    )
    assert {len([row for row in main if row["method"] == method]) for method in methods} == {4}
    pasted = [row for row in main if row["method"] == "paste"]
    assert all(row["similarity"] == pytest.approx(1) and row["copied"] for row in pasted)
    assert all(row["seconds"] > 0 for row in main if row["method"] in plan.METHODS)
    curve = [row for row in rows if not row["main"]]
    assert {row["method"] for row in curve} == {"oneactor", "dreambooth-lora"} and len(curve) == 12
    assert [row["seed"] for row in main[:4]] == [0, 0, 1, 1]
    made = _judge(PROPOSAL, [{"part": "proposal", **row} for row in rows])
    assert set(made) == {claim.id for claim in PROPOSAL}
    other = [{"part": "search", "subject": "a", "method": "oneactor", "learningRate": 1e-3, "steps": 50}]
    other[0] |= {"similarity": 0.5, "prompt": 0.5, "seconds": 3}
    draw_pictures(tmp_path, unpack(pack([{"part": "proposal", **row} for row in rows] + other)), tiny, 3)
    assert (tmp_path / "oneactor-curves.png").exists() and (tmp_path / "oneactor-sheet.png").exists()
    assert "| paste | 1.000 |" in (tmp_path / "oneactor-methods.md").read_text()


def test_the_words_alone_are_drawn_once_a_noun_and_never_for_another(tiny: Kit, monkeypatch):
    drawn = []
    honest = tracks.draw_plain
    monkeypatch.setattr(tracks, "draw_plain", lambda *told: drawn.append(told[1]) or honest(*told))
    monkeypatch.setattr(tracks, "METHODS", {})
    start = starts.start_reference(tiny, 3, 0, 1)
    boy = replace(start, cast=replace(start.cast, identity=replace(start.cast.identity, kind="boy")))
    for begun in (start, boy, start):
        tracks._measure_methods(tiny, begun, "reference 1", 2, curve=False)
    assert drawn == ["girl", "girl", "boy", "boy"]  # `none` and `noun` of each


def test_the_reference_track_learns_from_as_many_uploads_as_it_says(tiny: Kit):
    for uploads in (1, 4):
        start = starts.start_reference(tiny, 3, 0, uploads)
        assert len(start.references) == len(start.target.references) == uploads
        assert all("{subject}" in reference.caption for reference in start.references)
        assert start.settings_of("oneactor")["track"] == "reference"
        assert start.settings_of("oneactor")["prompt"] == "a girl in snow"
        assert len(start.target.strangers_GD) == 1


def test_the_benchs_proposal_is_the_one_that_oneactor_draws(tiny: Kit):
    start = starts.start_proposal(tiny, 3, 1)
    settings = read_settings(oneactor.DEFAULTS["paperdoll"], start.settings_of("oneactor"))
    session = Session(lambda *told: None, Checkpoints(MemoryStore(), "", lambda: None), StopSignal())
    found = make_examples(tiny.base, Subject("subject", "girl", plan.TOKEN, start.references), settings, session, None)
    own = decode_latents(tiny.base, found.target_NVCHW[:, 0]).numpy()
    assert np.abs(own.astype(int) - start.uploads).max() <= 2
    assert settings.proposal == 2, "the second subject of its noun is the second"
    assert len(start.target.lookalikes_GD) == 2 and len(start.target.strangers_GD) == 1


def test_a_search_looks_at_every_rate_after_every_mark(tiny: Kit):
    rows = tracks.search_proposal(FIRST, tiny, 3)
    tries = {(row["method"], row["learningRate"], row["steps"]) for row in rows}
    assert tries == {(method, rate, mark) for method, rates in plan.SEARCH.items() for rate in rates for mark in (1, 2)}
    seconds = {(row["method"], row["learningRate"], row["steps"]): row["seconds"] for row in rows}
    assert all(seconds[method, rate, 1] < seconds[method, rate, 2] for method, rate, _ in tries)


def test_learning_in_marks_ends_where_an_unbroken_run_ends(tiny: Kit):
    start = starts.start_reference(tiny, 3, 0, 1)
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
    rows = tracks.measure_ablations(FIRST, tiny, 3)
    assert len(tuned) == 1 + sum(it.tunes for it in tracks.ABLATIONS)
    assert {row["ablation"] for row in rows} == {it.name for it in tracks.ABLATIONS}
