"""The tracks, never mixed: every method learns the same generated picture, or the same uploads. And trials on few subjects."""

from dataclasses import dataclass, replace

import numpy as np
from paperdoll.drawing import draw
from PIL import Image
from troupe_worker.methods import find_method
from troupe_worker.models import decode_latents
from troupe_worker.sampling import PictureRequest, draw_latents
from troupe_worker.subjects import Reference as Upload

from troupe_bench.bench import Unit
from troupe_bench.kit import Kit
from troupe_bench.oneactor.draw import change_settings, draw_learnt, draw_plain, list_prompts, paste
from troupe_bench.oneactor.learn import NAME, Learnt, learn
from troupe_bench.oneactor.plan import (
    ABLATIONS,
    METHODS,
    REFERENCES,
    SAMPLER,
    SCENES,
    SEARCH,
    SEEDS,
    SUBJECTS,
    Cast,
    SettingValues,
    cast_subject,
    phrase,
)
from troupe_bench.oneactor.score import Target, make_target, score_pictures
from troupe_bench.rows import Row
from troupe_bench.sight import Pixels
from troupe_bench.subjects import list_lookalikes, make_rng, name_subject
from troupe_bench.truth import SIZE, see_truth

PROPOSALS, PROPOSAL_SEEDS = 11, 2_000_000  # as OneActor draws them


@dataclass(frozen=True)
class Start:
    """Where every method begins: the pictures, what is said of them, and OneActor's own settings of the track."""

    cast: Cast
    uploads: Pixels
    told: list[str]
    target: Target
    settings: SettingValues

    @property
    def references(self) -> list[Upload]:
        """The same pictures with the same words, for the worker."""
        named = [text.replace("{subject}", f"{{{NAME}}}") for text in self.told]
        return [Upload(Image.fromarray(image), text) for image, text in zip(self.uploads, named, strict=True)]

    def settings_of(self, method: str) -> SettingValues:
        return {**METHODS[method].settings, **(self.settings if method == "oneactor" else {})}


def start_proposal(kit: Kit, seed: int, index: int, split: str = "test") -> Start:
    """Draw eleven proposals of the target prompt: the first is the subject, the others are those who look like it."""
    cast = cast_subject(seed, index, split)
    told = phrase(*cast.reference(0))
    prompt = told.replace("{subject}", f"a {cast.noun}")
    defaults = find_method("oneactor", "tune").DEFAULTS[kit.base.ref.family]
    sampler = SAMPLER.model_copy(update={"steps": defaults.draw_steps, "guidance": float(defaults.draw_guidance)})
    drawn = []
    for first in range(0, PROPOSALS, 8):
        seeds = range(PROPOSAL_SEEDS + first, PROPOSAL_SEEDS + min(first + 8, PROPOSALS))
        asked = [PictureRequest(prompt, number, SIZE, SIZE) for number in seeds]
        drawn.append(decode_latents(kit.base, draw_latents(kit.base, asked, sampler)).numpy())
    pictures = np.concatenate(drawn)
    target = make_target(kit, pictures[:1], pictures[1:], _embed_strangers(kit, seed, index))
    return Start(cast, pictures[:1], [told], target, {"track": "proposal", "prompt": prompt, "proposals": PROPOSALS})


def start_reference(kit: Kit, seed: int, index: int, uploads: int, split: str = "test") -> Start:
    """Draw the uploads as the world does."""
    cast = cast_subject(seed, index, split)
    views = [cast.reference(view) for view in range(uploads)]
    pictures = [draw((figure,), scene, SIZE, truth=True) for figure, scene in views]
    truth = see_truth((views[0][0],), views[0][1], pictures[0])[0]
    lookalikes = _draw_lookalikes(cast, make_rng(seed, 17, index))
    images = np.stack([picture.image for picture in pictures])
    target = make_target(kit, images, lookalikes, _embed_strangers(kit, seed, index), truth)
    return Start(cast, images, [phrase(*view) for view in views], target, {"track": "reference"})


def _draw_lookalikes(cast: Cast, rng: np.random.Generator) -> Pixels:
    figure, scene = cast.reference(0)
    people = list_lookalikes(cast.identity, rng)
    return np.stack([draw((replace(figure, identity=who),), scene, SIZE).image for who in people])


def _embed_strangers(kit: Kit, seed: int, index: int) -> np.ndarray:
    """Return a picture of every other subject of the bench as a vector."""
    if (cached := kit.__dict__.get("_cast")) is None:
        views = [cast_subject(seed, other).reference(0) for other in range(SUBJECTS)]
        cached = kit.__dict__["_cast"] = kit.encoder.embed(
            np.stack([draw((figure,), scene, SIZE).image for figure, scene in views])
        )
    return np.delete(cached, index, axis=0) if index < SUBJECTS else cached


def measure_proposal(unit: Unit, kit: Kit, seed: int) -> list[Row]:
    """Return the pictures of every method, at every strength of its curve, after learning one proposal."""
    return _measure_methods(kit, start_proposal(kit, seed, unit.index), "proposal", len(SCENES), keep=True)


def measure_one(unit: Unit, kit: Kit, seed: int) -> list[Row]:
    """The same after one upload, at each method's own strength."""
    return _measure_methods(kit, start_reference(kit, seed, unit.index, 1), "reference 1", len(SCENES), curve=False)


def measure_four(unit: Unit, kit: Kit, seed: int) -> list[Row]:
    """The same after four uploads."""
    start = start_reference(kit, seed, unit.index, len(REFERENCES))
    return _measure_methods(kit, start, "reference 4", len(SCENES), curve=False)


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
        rows.extend(score_pictures(kit, start.target, start.cast, images, numbers[: len(images)], about))
        if keep and main:
            for number, image in enumerate(images[:scenes]):
                kit.keep(f"oneactor/{subject}", f"{method}-{number}", image)

    if keep:
        kit.keep(f"oneactor/{subject}", "reference", start.uploads[0])
    score("none", draw_plain(kit.base, start.cast.noun, prompts, seeds), None, 0.0, True)
    score("paste", paste(start.uploads, len(prompts)), None, 0.0, True)
    for method, plan in METHODS.items():
        steps = int(plan.settings["steps"])
        (learnt,) = learn(kit.base, method, start.cast.noun, start.references, start.settings_of(method), (steps,))
        score(method, draw_learnt(kit.base, learnt, prompts, seeds, plan.strength), plan.strength, learnt.seconds, True)
        for strength in plan.strengths if curve else ():
            if strength != plan.strength:  # a curve needs one seed only
                images = draw_learnt(kit.base, learnt, prompts[:scenes], seeds[:scenes], strength)
                score(method, images, strength, learnt.seconds, False)
    return rows


def measure_seconds(unit: Unit, kit: Kit, seed: int) -> list[Row]:
    """Return pictures of a validation subject after each mark of each method's tuning, with the seconds it took until then."""
    start = start_proposal(kit, seed, SUBJECTS + unit.index, "validation")
    rows: list[Row] = []
    for method, plan in METHODS.items():
        settings = start.settings_of(method)
        for learnt in learn(kit.base, method, start.cast.noun, start.references, settings, plan.marks):
            rows += _score_few(kit, start, learnt, {"method": method, "steps": learnt.steps, "seconds": learnt.seconds})
    return rows


def measure_search(unit: Unit, kit: Kit, seed: int) -> list[Row]:
    """Return pictures of a validation subject by every learning rate that was tried, as many for each method."""
    start = start_proposal(kit, seed, SUBJECTS + unit.index, "validation")
    rows: list[Row] = []
    for method, rates in SEARCH.items():
        steps = int(METHODS[method].settings["steps"])
        for rate in rates:
            settings = {**start.settings_of(method), "learningRate": rate}
            (learnt,) = learn(kit.base, method, start.cast.noun, start.references, settings, (steps,))
            rows += _score_few(kit, start, learnt, {"method": method, "learningRate": rate, "seconds": learnt.seconds})
    return rows


def measure_ablations(unit: Unit, kit: Kit, seed: int) -> list[Row]:
    """Return pictures of a subject by OneActor with one setting changed at a time."""
    start = start_proposal(kit, seed, unit.index)
    rows: list[Row] = []
    usual: Learnt | None = None
    for ablation in ABLATIONS:
        settings = {**start.settings_of("oneactor"), **ablation.settings}
        if usual is None or ablation.tunes:
            steps = int(settings["steps"])
            (learnt,) = learn(kit.base, "oneactor", start.cast.noun, start.references, settings, (steps,))
            usual = usual or learnt
        else:
            learnt = replace(usual, adapter=change_settings(usual.adapter, ablation.settings))
        rows += _score_few(kit, start, learnt, {"method": "oneactor", "ablation": ablation.name, "seconds": learnt.seconds})
    return rows


def _score_few(kit: Kit, start: Start, learnt: Learnt, about: Row) -> list[Row]:
    """Score four scenes with one seed."""
    scenes = list(range(0, len(SCENES), 2))
    images = draw_learnt(kit.base, learnt, list_prompts(start.cast, tuple(scenes)), scenes)
    return score_pictures(kit, start.target, start.cast, images, scenes, {"subject": name_subject(start.cast.identity), **about})
