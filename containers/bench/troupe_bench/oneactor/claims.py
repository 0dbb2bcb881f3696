"""What is claimed of OneActor and its baselines, as functions of rows."""

from typing import Any

import numpy as np

from troupe_bench.claims import Claim, Measure
from troupe_bench.measures import mean, ratio
from troupe_bench.oneactor.plan import METHODS, UPLOADS
from troupe_bench.rows import Rows

NEVER = 10.0  # times DreamBooth-LoRA's seconds, where a method does not get there at all
ALIKE = 0.02  # of subject score and share of the scene together: the noise of a search's pictures, for which no seconds are paid
NEAR = 0.01  # of identity: marks this near to the best are as good, or the noise of sixteen pictures would choose among them


def of_method(method: str, name: str) -> Measure:
    """Return the mean of a field over a method's pictures."""
    return lambda rows: mean(name)(rows.where(method=method))


def above_front(rows: Rows) -> float:
    """Return how far the lowest of OneActor's points, one a strength, lies above DreamBooth-LoRA's front.

    The front is what DreamBooth-LoRA reaches, at any strength from 0 (the base model with the same words), in identity among what
    says as much or more of the prompt: what it dominates itself is not on it. All points are of the same scenes, with the first
    seed."""
    rows = rows.where(seed=0.0)
    front = find_front([*_points(rows, "noun"), *_points(rows, "dreambooth-lora")])
    prompts, identities = zip(*sorted(front), strict=True)
    return min((identity - np.interp(prompt, prompts, identities) for prompt, identity in _points(rows, "oneactor")))


def find_front(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Return the points (prompt, identity) above which no other lies in both."""
    return [one for one in points if not any(it != one and it[0] >= one[0] and it[1] >= one[1] for it in points)]


def _points(rows: Rows, method: str) -> list[tuple[float, float]]:
    own = rows.where(method=method)
    strengths = METHODS[method].strengths if method in METHODS else ()
    by_strength = [own.where(strength=strength) for strength in strengths] or [own]
    return [(mean("prompt")(those), mean("similarity")(those)) for those in by_strength if len(those)]


def seconds_to_best(method: str) -> Measure:
    """Return the seconds that a method needs to DreamBooth-LoRA's best identity, as a multiple of DreamBooth-LoRA's own; each
    at the learning rate that won its search. OneActor's hold the drawing of its proposals, which the others were given."""

    def reach(rows: Rows, method: str, identity: float) -> float | None:
        return next((seconds for seconds, found in _curve(rows, method) if found >= identity - NEAR), None)

    def measure(rows: Rows) -> float:
        best = max(identity for _, identity in _curve(rows, "dreambooth-lora"))
        own, theirs = reach(rows, method, best), reach(rows, "dreambooth-lora", best)
        return NEVER if own is None else own / theirs

    return measure


def still_rising(rows: Rows) -> float:
    """Return what DreamBooth-LoRA's last mark adds to the identity of the one before."""
    *_, before, last = [identity for _, identity in _curve(rows, "dreambooth-lora")]
    return last - before


def find_winner(rows: Rows, method: str) -> tuple[float, int]:
    """Return learning rate and steps: the fewest of those whose pictures are next to the best of the search in subject score and
    share of the scene together. The nearest to the subject alone would be a copy."""
    own = rows.where(method=method)

    def judge(tried: tuple[float, float]) -> float:
        those = own.where(learningRate=tried[0], steps=tried[1])
        return mean("similarity")(those) + mean("prompt")(those)

    judged = {tried: judge(tried) for tried in sorted(set(zip(own["learningRate"], own["steps"], strict=True)))}
    best = max(judged.values())
    rate, steps = min((it for it in judged if judged[it] >= best - ALIKE), key=lambda it: (it[1], -judged[it]))
    return float(rate), int(steps)


def winners_that_run(track: str) -> Measure:
    """Return how many methods run on a track with what won their search there."""
    return lambda rows: float(sum(find_winner(rows, name) == plan.tried[track] for name, plan in METHODS.items()))


def _curve(rows: Rows, method: str) -> list[tuple[float, float]]:
    """Return (seconds, identity) at each mark."""
    own = rows.where(method=method, learningRate=METHODS[method].tried["proposal"][0])
    marks = sorted(set(own["steps"]))
    return [(mean("seconds")(own.where(steps=mark)), mean("similarity")(own.where(steps=mark))) for mark in marks]


def _of(method: str, *others: str) -> dict[str, Any]:
    """Return what picks the pictures of these methods, each at its own strength."""
    return {"method": (method, *others), "main": 1.0}


PROPOSAL = (
    Claim(
        "C1a",
        "Proposal track: OneActor's subject score above the richest caption's, gap between intervals",
        ">=",
        0.0,
        "cosine",
        of_method("oneactor", "similarity"),
        _of("oneactor", "none"),
        against=of_method("none", "similarity"),
    ),
    Claim(
        "C1b",
        "Proposal track: OneActor's subject score above Textual Inversion's, gap between intervals",
        ">=",
        0.0,
        "cosine",
        of_method("oneactor", "similarity"),
        _of("oneactor", "textual-inversion"),
        against=of_method("textual-inversion", "similarity"),
    ),
    Claim(
        "C1c",
        "Proposal track: OneActor, at its worst strength, on or above DreamBooth-LoRA's front of identity against prompt",
        ">=",
        0.0,
        "cosine",
        above_front,
        {"seed": 0.0, "method": ("oneactor", "noun", "dreambooth-lora")},
    ),
    Claim("C4a", "Pasting the proposal is told as a copy", ">=", 0.95, "share", mean("copied"), _of("paste")),
    *(
        Claim(f"C4{letter}", f"Copies of the proposal among those by {method}", "<=", None, "share", mean("copied"), _of(method))
        for letter, method in zip("bcd", METHODS, strict=True)
    ),
    *(
        Claim(f"C4{letter}", f"Nearest other subject to those by {method}", "<=", None, "cosine", mean("stranger"), _of(method))
        for letter, method in zip("efg", METHODS, strict=True)
    ),
)
SEARCH = (
    Claim(
        "C1d",
        f"Seconds to DreamBooth-LoRA's best validation identity: OneActor's as a multiple of its own ({NEVER:.0f}: never)",
        "<=",
        0.5,
        "times",
        seconds_to_best("oneactor"),
    ),
    Claim("C1e", "The same for Textual Inversion", "<=", None, "times", seconds_to_best("textual-inversion")),
    Claim(
        "C1g", "Methods that run with what won their search", ">=", float(len(METHODS)), "methods", winners_that_run("proposal")
    ),
    Claim("C1f", "What DreamBooth-LoRA's last mark adds to the one before", "<=", None, "cosine", still_rising),
)
SEARCH_FOUR = (
    Claim(
        "C2m",
        "Methods that run on uploads with what won their search there",
        ">=",
        float(len(METHODS)),
        "methods",
        winners_that_run("reference"),
    ),
)


def _claim_uploads(first: str, uploads: str, track: str) -> tuple[Claim, ...]:
    """Return C2: the subject score of every method, as it comes out, and that pasting fails here too."""
    names = iter(chr(ord(first) + at) for at in range(len(METHODS) + 3))

    def of(method: str) -> dict[str, Any]:
        return {**_of(method), "track": track}

    scores = tuple(
        Claim(f"C2{next(names)}", f"{uploads}: subject score of {method}", ">=", None, "cosine", mean("similarity"), of(method))
        for method in ("none", *METHODS, "paste")
    )
    said = f"{uploads}: pasting is told as a copy"
    return (*scores, Claim(f"C2{next(names)}", said, ">=", 0.95, "share", mean("copied"), of("paste")))


_GIVEN = zip("ag", ("One upload", "Four uploads"), UPLOADS.values(), strict=True)
REFERENCE = tuple(claim for given in _GIVEN for claim in _claim_uploads(*given))
SPEED = (
    Claim(
        "P5",
        "The stock pipeline's seconds over the worker's, the same eight cells, steps, sampler and weights",
        ">=",
        2.0,
        "times",
        ratio("stockSeconds", "seconds"),
    ),
    Claim(
        "P5a",
        "Largest difference of any pixel between the two, both in single precision",
        "<=",
        2.0,
        "of 255",
        lambda rows: float(rows["largest"].max()),
    ),
    Claim(
        "P5b", "The same ratio with the worker in single precision", ">=", None, "times", ratio("stockSeconds", "singleSeconds")
    ),
    Claim("P5c", "Mean difference of a pixel in the precision that the worker picks here", "<=", None, "of 255", mean("apart")),
    Claim("P5d", "Share of values that differ by more than 2 of 255 there", "<=", None, "share", mean("beyondTwo")),
)
