"""The OneActor bench: what it learns of a subject, beside baselines that were given the same pictures and the same search."""

from troupe_bench.bench import Bench, Part
from troupe_bench.kit import Kit
from troupe_bench.likeness import COPY_AT
from troupe_bench.oneactor import plan, speed, tracks
from troupe_bench.oneactor.claims import PROPOSAL, REFERENCE, SEARCH, SEARCH_FOUR, SPEED
from troupe_bench.oneactor.pictures import draw_pictures

_EYES = ("base", "encoder", "oracle")
_TRIED_ON = plan.VALIDATION_SUBJECTS
_TRIES = f"{plan.SEARCH}, {plan.MARKS}, {[(it.settings, it.strength) for it in plan.METHODS.values()]}"


def _judge_on(track: str) -> str:
    tried = [(name, it.settings_of(track), it.strengths, it.strength) for name, it in plan.METHODS.items()]
    return f"copy at {COPY_AT}, {tried}"


_CHANGES = f"{plan.ABLATIONS}, {plan.ABLATION_STEPS}, {plan.METHODS['oneactor']}"
BENCH = Bench(
    "oneactor",
    (
        Part("speed", speed.measure_speed, SPEED, 1, 1, ("base",), timed=True, held_out=False),
        Part("search", tracks.search_proposal, SEARCH, _TRIED_ON, 0, _EYES, version=4, held_out=False, plan=_TRIES),
        Part("search uploads", tracks.search_four, SEARCH_FOUR, _TRIED_ON, 0, _EYES, version=2, held_out=False, plan=_TRIES),
        Part("proposal", tracks.measure_proposal, PROPOSAL, plan.SUBJECTS, 1, _EYES, version=4, plan=_judge_on("proposal")),
        Part("uploads", tracks.measure_uploads, REFERENCE, plan.SUBJECTS, 0, _EYES, plan=_judge_on("reference")),
        Part("ablations", tracks.measure_ablations, (), plan.ABLATION_SUBJECTS, 0, _EYES, version=4, plan=_CHANGES),
    ),
    Kit,
    draw_pictures,
)
