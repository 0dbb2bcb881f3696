"""The tracks, never mixed: every method learns the same generated picture, or the same uploads. And trials on few subjects."""

from dataclasses import replace
from functools import partial

from troupe_bench.bench import Unit
from troupe_bench.kit import Kit
from troupe_bench.oneactor.draw import change_settings, draw_learnt, draw_plain, list_descriptions, list_prompts, paste
from troupe_bench.oneactor.learn import Learnt, learn
from troupe_bench.oneactor.plan import (
    ABLATION_STEPS,
    ABLATIONS,
    MARKS,
    METHODS,
    REFERENCES,
    SCENES,
    SEARCH,
    SEEDS,
    SUBJECTS,
    UPLOADS,
)
from troupe_bench.oneactor.score import score_pictures
from troupe_bench.oneactor.starts import Start, start_proposal, start_reference
from troupe_bench.rows import Row
from troupe_bench.sight import Pixels
from troupe_bench.subjects import name_subject


def measure_proposal(unit: Unit, kit: Kit, seed: int) -> list[Row]:
    """Return the pictures of every method, at every strength of its curve, after learning one proposal."""
    return _measure_methods(kit, start_proposal(kit, seed, unit.index), "proposal", len(SCENES), keep=True)


def measure_uploads(unit: Unit, kit: Kit, seed: int) -> list[Row]:
    """The same after one upload, and after all, at each method's own strength."""
    rows: list[Row] = []
    for uploads, track in UPLOADS.items():
        rows += _measure_methods(kit, start_reference(kit, seed, unit.index, uploads), track, len(SCENES), curve=False)
    return rows


def _measure_methods(kit: Kit, start: Start, track: str, scenes: int, curve: bool = True, keep: bool = False) -> list[Row]:
    numbers = [scene for _ in SEEDS for scene in range(scenes)]
    prompts = list_prompts(start.cast, tuple(numbers))
    seeds = [1_000 * SEEDS[at // scenes] + scene for at, scene in enumerate(numbers)]
    subject = name_subject(start.cast.identity)
    rows: list[Row] = []

    def score(method: str, images: Pixels, strength: float | None, seconds: float, main: bool) -> None:
        about = {
            "subject": subject, "track": track, "method": method, "strength": strength, "seconds": seconds, "main": main,
            "kind": start.cast.noun,
        }  # fmt: skip
        scored = score_pictures(kit, start.target, images, numbers[: len(images)], about)
        rows.extend({**row, "seed": SEEDS[at // scenes]} for at, row in enumerate(scored))
        if keep and main:
            for number, image in enumerate(images[:scenes]):
                kit.keep(kit.picture_path(f"oneactor/{subject}", f"{method}-{number}"), image)

    if keep:
        kit.keep(kit.picture_path(f"oneactor/{subject}", "reference"), start.uploads[0])
    # Nothing learned, with all that can be said of the subject, and with the words that methods are told.
    for name, told in (("none", list_descriptions(start.seen, tuple(numbers))), ("noun", prompts)):
        # Both tracks of uploads ask for the same pictures.
        words = " | ".join([start.cast.noun, *told])
        drawn = kit.once(words, seeds[-1], partial(draw_plain, kit.base, start.cast.noun, told, seeds))
        score(name, drawn, None, 0.0, True)
    score("paste", paste(start.uploads, len(prompts)), None, 0.0, True)
    for method, plan in METHODS.items():
        settings = start.settings_of(method)
        (learnt,) = learn(kit.base, method, start.cast.noun, start.references, settings, (int(settings["steps"]),))
        score(method, draw_learnt(kit.base, learnt, prompts, seeds, plan.strength), plan.strength, learnt.seconds, True)
        for strength in plan.strengths if curve else ():
            if strength != plan.strength:  # a curve needs one seed only
                images = draw_learnt(kit.base, learnt, prompts[:scenes], seeds[:scenes], strength)
                score(method, images, strength, learnt.seconds, False)
    return rows


def search_proposal(unit: Unit, kit: Kit, seed: int) -> list[Row]:
    """Search on one proposal of a validation subject."""
    return _search(kit, start_proposal(kit, seed, SUBJECTS + unit.index, "validation"))


def search_four(unit: Unit, kit: Kit, seed: int) -> list[Row]:
    """Search on four uploads of a validation subject."""
    return _search(kit, start_reference(kit, seed, SUBJECTS + unit.index, len(REFERENCES), "validation"))


def _search(kit: Kit, start: Start) -> list[Row]:
    """Return pictures at every mark of every learning rate tried, as many for each method, and the seconds until then."""
    rows: list[Row] = []
    for method, rates in SEARCH.items():
        for rate in rates:
            settings = {**start.settings_of(method), "learningRate": rate}
            for learnt in learn(kit.base, method, start.cast.noun, start.references, settings, MARKS):
                about = {"method": method, "learningRate": rate, "steps": learnt.steps, "seconds": learnt.seconds}
                rows += _score(kit, start, learnt, about, list(range(len(SCENES))))
    return rows


def measure_ablations(unit: Unit, kit: Kit, seed: int) -> list[Row]:
    """Return pictures of a subject by OneActor with one setting changed at a time."""
    start = start_proposal(kit, seed, unit.index)
    rows: list[Row] = []
    usual: Learnt | None = None
    for ablation in ABLATIONS:
        settings = {**start.settings_of("oneactor"), **ablation.settings}
        if usual is None or ablation.tunes:
            (learnt,) = learn(kit.base, "oneactor", start.cast.noun, start.references, settings, (ABLATION_STEPS,))
            usual = usual or learnt
        else:
            learnt = replace(usual, adapter=change_settings(usual.adapter, ablation.settings))
        about = {"method": "oneactor", "ablation": ablation.name, "seconds": learnt.seconds}
        rows += _score(kit, start, learnt, about, list(range(0, len(SCENES), 2)))
    return rows


def _score(kit: Kit, start: Start, learnt: Learnt, about: Row, scenes: list[int]) -> list[Row]:
    """Score scenes with one seed, drawn as the adapter was learned to be."""
    images = draw_learnt(kit.base, learnt, list_prompts(start.cast, tuple(scenes)), scenes)
    return score_pictures(kit, start.target, images, scenes, {"subject": name_subject(start.cast.identity), **about})
