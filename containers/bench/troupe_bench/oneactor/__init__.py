"""The OneActor bench: what it learns of a subject, beside baselines that were given the same pictures and the same search."""

from troupe_bench.bench import Bench, Part
from troupe_bench.kit import Kit
from troupe_bench.likeness import COPY_AT
from troupe_bench.oneactor import plan, speed, tracks
from troupe_bench.oneactor.claims import PROPOSAL, SEARCH, SPEED, list_reference_claims
from troupe_bench.oneactor.pictures import draw_pictures

_EYES = ("base", "encoder", "oracle")
_TRIES = f"{plan.SEARCH}, {plan.MARKS}"
_PLAN = f"copy at {COPY_AT}, {plan.METHODS}"
BENCH = Bench(
    "oneactor",
    (
        Part("speed", speed.measure_speed, SPEED, 1, 1, ("base",), timed=True, held_out=False),
        Part(
            "search",
            tracks.measure_search,
            SEARCH,
            plan.VALIDATION_SUBJECTS,
            0,
            _EYES,
            held_out=False,
            plan=_TRIES,
        ),
        Part("proposal", tracks.measure_proposal, PROPOSAL, plan.SUBJECTS, 1, _EYES, plan=_PLAN),
        Part("reference 1", tracks.measure_one, list_reference_claims("a", "One upload"), plan.SUBJECTS, 0, _EYES, plan=_PLAN),
        Part("reference 4", tracks.measure_four, list_reference_claims("g", "Four uploads"), plan.SUBJECTS, 0, _EYES, plan=_PLAN),
        Part("ablations", tracks.measure_ablations, (), plan.ABLATION_SUBJECTS, 0, _EYES, plan=_PLAN),
    ),
    Kit,
    draw_pictures,
)
