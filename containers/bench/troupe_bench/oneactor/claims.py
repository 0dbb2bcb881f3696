"""What is claimed of OneActor and its baselines, as functions of rows."""

import numpy as np

from troupe_bench.claims import Claim, Measure
from troupe_bench.measures import mean, ratio
from troupe_bench.oneactor.plan import METHODS
from troupe_bench.rows import Rows

NEVER = 10.0  # times DreamBooth-LoRA's seconds, where a method does not get there at all
_MAIN = {"main": 1.0}


def of_method(method: str, name: str) -> Measure:
    """Return the mean of a field over a method's pictures at its own strength."""
    return lambda rows: mean(name)(rows.where(method=method, **_MAIN))


def above_curve(rows: Rows) -> float:
    """Return how far OneActor's points lie above DreamBooth-LoRA's curve of identity against prompt, on average over v.

    The curve goes through the base model alone (strength 0) and every strength; beyond its ends it goes on level."""
    plain = rows.where(method="none")
    curve = [(mean("prompt")(plain), mean("similarity")(plain)), *_points(rows, "dreambooth-lora")]
    prompts, identities = zip(*sorted(curve), strict=True)
    points = _points(rows, "oneactor")
    return float(np.mean([identity - np.interp(prompt, prompts, identities) for prompt, identity in points]))


def _points(rows: Rows, method: str) -> list[tuple[float, float]]:
    points = []
    for strength in METHODS[method].strengths:
        those = rows.where(method=method, strength=strength)
        if len(those):
            points.append((mean("prompt")(those), mean("similarity")(those)))
    return points


def seconds_to_best(method: str) -> Measure:
    """Return the seconds that a method needs to DreamBooth-LoRA's best identity, as a multiple of DreamBooth-LoRA's own."""

    def measure(rows: Rows) -> float:
        best = max(_curve(rows, "dreambooth-lora"), key=lambda point: point[1])
        for seconds, identity in _curve(rows, method):
            if identity >= best[1]:
                return seconds / best[0]
        return NEVER

    return measure


def _curve(rows: Rows, method: str) -> list[tuple[float, float]]:
    """Return (seconds, identity) at each mark."""
    own = rows.where(method=method)
    marks = sorted(set(own["steps"]))
    return [(mean("seconds")(own.where(steps=mark)), mean("similarity")(own.where(steps=mark))) for mark in marks]


PROPOSAL = (
    Claim(
        "C1a",
        "Proposal track: OneActor's subject score above the richest caption's, gap between intervals",
        ">=",
        0.0,
        "cosine",
        of_method("oneactor", "similarity"),
        against=of_method("none", "similarity"),
    ),
    Claim(
        "C1b",
        "Proposal track: OneActor's subject score above Textual Inversion's, gap between intervals",
        ">=",
        0.0,
        "cosine",
        of_method("oneactor", "similarity"),
        against=of_method("textual-inversion", "similarity"),
    ),
    Claim(
        "C1c",
        "Proposal track: OneActor on or above DreamBooth-LoRA's curve of identity against prompt",
        ">=",
        0.0,
        "cosine",
        above_curve,
    ),
    Claim("C4a", "Pasting the proposal is told as a copy", ">=", 0.95, "share", of_method("paste", "copied")),
    Claim("C4b", "OneActor's pictures are copies of the proposal", "<=", None, "share", of_method("oneactor", "copied")),
    Claim("C4c", "OneActor's similarity to the nearest other subject", "<=", None, "cosine", of_method("oneactor", "stranger")),
)
SECONDS = (
    Claim(
        "C1d",
        "Seconds to DreamBooth-LoRA's best validation identity: OneActor's as a multiple of DreamBooth-LoRA's",
        "<=",
        0.5,
        "times",
        seconds_to_best("oneactor"),
    ),
    Claim(
        "C1e", f"The same for Textual Inversion ({NEVER:.0f}: never)", "<=", None, "times", seconds_to_best("textual-inversion")
    ),
)


def list_reference_claims(first: str, uploads: str) -> tuple[Claim, ...]:
    """Return C2: the subject score of every method, as it comes out."""
    methods = ("none", *METHODS, "paste")
    return tuple(
        Claim(
            f"C2{chr(ord(first) + at)}",
            f"{uploads}: subject score of {method}",
            ">=",
            None,
            "cosine",
            of_method(method, "similarity"),
        )
        for at, method in enumerate(methods)
    )


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
        "P5a", "Largest difference of any pixel between the two", "<=", 2.0, "of 255", lambda rows: float(rows["largest"].max())
    ),
)
