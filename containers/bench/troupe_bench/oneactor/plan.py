"""The plan: who is drawn where, by which method with which settings. Nothing here is measured."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from paperdoll.captions import caption
from paperdoll.identity import Figure, Identity, Outfit, Scene
from paperdoll.sampling import sample_outfit
from paperdoll.vocabulary import PLACE_PHRASES, SURFACE_WORD
from troupe_worker.contracts import Sampler

from troupe_bench.subjects import make_rng, pick_identity

TOKEN = "sks"
SUBJECTS, ABLATION_SUBJECTS, VALIDATION_SUBJECTS = 20, 8, 3
SEEDS = (0, 1)
SAMPLER = Sampler(name="dpm-solver++", steps=20, guidance=4.0)
SettingValues = Mapping[str, int | float | bool | str]

# Pose, expression, place and framing of each scene. No pose, expression or word of a place is in a reference or in a target
# prompt; there are three framings, so framings are.
SCENES = (
    ("waving", "laughing", "park", "half body"),
    ("arms raised", "surprised", "beach", "half body"),
    ("jumping", "laughing", "snow", "full body"),
    ("hands on hips", "angry", "forest", "half body"),
    ("pointing", "surprised", "kitchen", "half body"),
    ("thinking", "sad", "library", "portrait"),
    ("running", "laughing", "night", "full body"),
    ("walking", "angry", "city", "portrait"),
)
# What a person would upload, and the target prompt of proposals (the first).
REFERENCES = (
    ("standing", "neutral", "front", "plain blue", "half body"),
    ("sitting", "smiling", "left", "room", "half body"),
    ("standing", "smiling", "front", "plain grey", "half body"),
    ("standing", "neutral", "right", "desert", "full body"),
)
UPLOADS = {1: "reference 1", len(REFERENCES): "reference 4"}  # how many of them, and the track that learns from so many


@dataclass(frozen=True)
class Cast:
    """A subject of the bench, dressed once: pictures of it differ in pose, place, framing and expression."""

    index: int
    identity: Identity
    outfit: Outfit

    @property
    def noun(self) -> str:
        return self.identity.kind

    def reference(self, view: int) -> tuple[Figure, Scene]:
        """Return reference `view` as the world draws it."""
        pose, expression, facing, place, framing = REFERENCES[view]
        return Figure(self.identity, self.outfit, pose, expression, facing), Scene(place, framing, variation=view)

    def scene(self, number: int) -> tuple[Figure, Scene]:
        """Return scene `number` as the world would draw it."""
        pose, expression, place, framing = SCENES[number]
        return Figure(self.identity, self.outfit, pose, expression), Scene(place, framing, variation=100 + number)


def cast_subject(seed: int, index: int, split: str = "test") -> Cast:
    """Return subject `index`."""
    identity = pick_identity(seed, 60_000 + index, split)
    return Cast(index, identity, sample_outfit(make_rng(seed, 16, index), identity.kind))


def phrase(figure: Figure, scene: Scene) -> str:
    """Return what a campaign says of a picture: {subject}, what it does, and where. Methods are told this."""
    return (
        f"{scene.framing}, {{subject}}, {figure.pose}, {figure.expression}, facing {figure.facing}, {PLACE_PHRASES[scene.place]}"
    )


def describe(figure: Figure, scene: Scene) -> str:
    """Return everything that can be said of a picture, with {subject} in the place of "a girl": the richest caption."""
    text = caption((figure,), scene, "full", make_rng(0, 0))
    return text.replace(f"a {figure.identity.kind}", "{subject}", 1)


def see_cast(cast: Cast, words: Mapping[str, str]) -> Cast:
    """Return the subject as it was read in a picture (attribute -> value)."""
    surface = words["surface"].removesuffix(f" {SURFACE_WORD[cast.noun]}")
    identity = replace(
        cast.identity,
        surface=cast.identity.surface if surface == "none" else surface,
        eye_colour=cast.identity.eye_colour if words["eye colour"] == "none" else words["eye colour"],
        hair_style=words["hair style"],  # "none" is not said
        hair_colour=words["hair colour"],
    )
    worn = {
        name: words[name.replace("_", " ")] for name in ("top", "top_colour", "pattern", "bottom", "bottom_colour", "hat_colour")
    }
    return replace(cast, identity=identity, outfit=replace(cast.outfit, **worn, glasses=words["glasses"] == "glasses"))


@dataclass(frozen=True)
class MethodPlan:
    """How a method is run. `tried` are learning rate and steps of each track, those that won its search on validation subjects;
    those that lost are in the tables."""

    settings: SettingValues
    tried: Mapping[str, tuple[float, int]]
    strengths: tuple[float, ...] = ()  # of the curve; methods without a strength have none
    strength: float | None = None  # of these, the one that the method is judged at: as adapters draw by themselves

    def settings_of(self, track: str) -> SettingValues:
        rate, steps = self.tried[track]
        return {**self.settings, "learningRate": rate, "steps": steps}


METHODS: dict[str, MethodPlan] = {
    "oneactor": MethodPlan({"probeEvery": 0}, {"proposal": (1e-3, 75), "reference": (3e-4, 100)}, (0.4, 0.7, 1.0, 1.3), 1.0),
    "textual-inversion": MethodPlan({}, {"proposal": (2e-3, 100), "reference": (5e-3, 75)}),
    "dreambooth-lora": MethodPlan(
        {"classPictures": 16}, {"proposal": (6e-3, 50), "reference": (6e-3, 50)}, (0.4, 0.7, 1.0, 1.3), 1.0
    ),
}
# The same number of tries for each method: three learning rates, one above and one below what won before, after as many steps.
SEARCH: dict[str, tuple[float, ...]] = {
    "oneactor": (1e-4, 3e-4, 1e-3),
    "textual-inversion": (2e-3, 5e-3, 2e-2),
    "dreambooth-lora": (3e-3, 6e-3, 1.2e-2),
}
MARKS = (25, 50, 75, 100)
ABLATION_STEPS = 50  # of each, the unchanged too: eight tunings a subject


@dataclass(frozen=True)
class Ablation:
    """One change of OneActor's settings. What changes drawing alone needs no new tuning."""

    name: str
    settings: SettingValues = field(default_factory=dict)
    tunes: bool = False


ABLATIONS = (
    Ablation("unchanged"),
    Ablation("eta2 1", {"push": 1.0}),
    Ablation("guided steps 1-10 of 30", {"guidedShare": 1 / 3}),
    Ablation("guided steps all", {"guidedShare": 1.0}),
    Ablation("v 0.4", {"strength": 0.4}),
    Ablation("v 1.3", {"strength": 1.3}),
    Ablation("N 6", {"proposals": 6}, tunes=True),
    Ablation("K 1", {"auxiliaries": 1}, tunes=True),
    Ablation("told the templates", {"sentences": "templates"}, tunes=True),
    Ablation("AdaIN", {"adain": True}, tunes=True),
    Ablation("BatchNorm of a step's rows", {"norm": "batch"}, tunes=True),
    Ablation("BatchNorm running", {"norm": "running"}, tunes=True),
    Ablation("h behind the middle block", {"layer": "middle"}, tunes=True),
)
