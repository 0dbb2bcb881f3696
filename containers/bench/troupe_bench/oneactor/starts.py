"""Where every method begins: pictures of a subject with their words, and who pictures of it should look like."""

from dataclasses import dataclass, replace

import numpy as np
from paperdoll.drawing import draw
from PIL import Image
from troupe_worker.lessons import CLASS_BATCH
from troupe_worker.methods import find_method
from troupe_worker.models import decode_latents
from troupe_worker.sampling import PictureRequest, draw_latents
from troupe_worker.subjects import Reference as Upload

from troupe_bench.kit import Kit
from troupe_bench.oneactor.learn import NAME
from troupe_bench.oneactor.plan import METHODS, SAMPLER, SUBJECTS, Cast, SettingValues, cast_subject, phrase, see_cast
from troupe_bench.oneactor.score import Target, make_target
from troupe_bench.sight import Pixels
from troupe_bench.subjects import list_lookalikes, make_rng
from troupe_bench.truth import SIZE, see_truth

PROPOSALS, PROPOSAL_SEEDS = 11, 2_000_000  # as OneActor draws them


@dataclass(frozen=True)
class Start:
    """Where every method begins: the pictures, what is said of them, and OneActor's own settings of the track."""

    cast: Cast
    seen: Cast  # the subject as it looks in the pictures: what its richest caption says
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
        own = METHODS[method].settings_of(str(self.settings["track"]))
        return {**own, **(self.settings if method == "oneactor" else {})}


def start_proposal(kit: Kit, seed: int, index: int, split: str = "test") -> Start:
    """Draw eleven proposals of the target prompt: one is the subject, the others are those who might have been it.

    The prompt says a noun and a scene. Subjects of one noun are other proposals of the same eleven."""
    cast = cast_subject(seed, index, split)
    pictures, place = draw_proposals(kit, cast, range(PROPOSALS)), _place_proposal(seed, index, split)

    def embed_others() -> np.ndarray:
        # Of the same kind as what is scored: renders of the world lie further from every drawing.
        places = [_place_proposal(seed, other, "test") for other in range(SUBJECTS)]
        others = [draw_proposals(kit, cast_subject(seed, other), range(at, at + 1)) for other, at in enumerate(places)]
        return kit.encoder.embed(np.concatenate(others))

    strangers = _without(kit.once("proposed", seed, embed_others), index, split)
    target = make_target(kit, pictures[[place]], np.delete(pictures, place, axis=0), strangers)
    seen = cast if target.truth is None else see_cast(cast, target.truth.words)
    settings = {"track": "proposal", "prompt": _name_target(cast), "proposals": PROPOSALS, "proposal": place + 1}
    return Start(cast, seen, pictures[[place]], [phrase(*cast.reference(0))], target, settings)


def draw_proposals(kit: Kit, cast: Cast, places: range) -> Pixels:
    """Draw proposals as OneActor does itself: the same prompt, seeds, steps and guidance."""
    defaults = find_method("oneactor", "tune").DEFAULTS[kit.base.ref.family]
    asked = {"drawSteps": defaults.draw_steps, "drawGuidance": defaults.draw_guidance} | dict(METHODS["oneactor"].settings)
    sampler = SAMPLER.model_copy(update={"steps": asked["drawSteps"], "guidance": float(asked["drawGuidance"])})
    drawn = []
    for first in range(places.start, places.stop, CLASS_BATCH):
        seeds = range(PROPOSAL_SEEDS + first, PROPOSAL_SEEDS + min(first + CLASS_BATCH, places.stop))
        requests = [PictureRequest(_name_target(cast), number, SIZE, SIZE) for number in seeds]
        drawn.append(decode_latents(kit.base, draw_latents(kit.base, requests, sampler, whole=True)).numpy())
    return np.concatenate(drawn)


def _place_proposal(seed: int, index: int, split: str) -> int:
    """Return which proposal is the subject: the first that no earlier subject of its noun and split is."""
    first = 0 if split == "test" else SUBJECTS
    nouns = [cast_subject(seed, other, split).noun for other in range(first, index + 1)]
    return nouns[:-1].count(nouns[-1]) % PROPOSALS


def start_reference(kit: Kit, seed: int, index: int, uploads: int, split: str = "test") -> Start:
    """Draw the uploads as the world does."""
    cast = cast_subject(seed, index, split)
    views = [cast.reference(view) for view in range(uploads)]
    pictures = [draw((figure,), scene, SIZE, truth=True) for figure, scene in views]
    truth = see_truth((views[0][0],), views[0][1], pictures[0])[0]
    lookalikes = _draw_lookalikes(cast, make_rng(seed, 17, index))
    images = np.stack([picture.image for picture in pictures])

    def embed_others() -> np.ndarray:
        others = [cast_subject(seed, other).reference(0) for other in range(SUBJECTS)]
        return kit.encoder.embed(np.stack([draw((who,), at, SIZE).image for who, at in others]))

    strangers = _without(kit.once("uploaded", seed, embed_others), index, split)
    target = make_target(kit, images, lookalikes, strangers, truth)
    told = [phrase(*view) for view in views]
    return Start(cast, cast, images, told, target, {"track": "reference", "prompt": _name_target(cast)})


def _name_target(cast: Cast) -> str:
    """Return the target prompt: the noun in the scene of the first reference."""
    return phrase(*cast.reference(0)).replace("{subject}", f"a {cast.noun}")


def _without(vectors_ND: np.ndarray, index: int, split: str) -> np.ndarray:
    return np.delete(vectors_ND, index, axis=0) if split == "test" else vectors_ND


def _draw_lookalikes(cast: Cast, rng: np.random.Generator) -> Pixels:
    figure, scene = cast.reference(0)
    people = list_lookalikes(cast.identity, rng)
    return np.stack([draw((replace(figure, identity=who),), scene, SIZE).image for who in people])
