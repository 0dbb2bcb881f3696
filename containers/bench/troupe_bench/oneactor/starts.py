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
from troupe_bench.oneactor.plan import METHODS, SAMPLER, SUBJECTS, Cast, SettingValues, cast_subject, phrase
from troupe_bench.oneactor.score import Target, make_target
from troupe_bench.sight import Pixels
from troupe_bench.subjects import list_lookalikes, make_rng
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
    prompt = _name_target(cast)
    pictures = draw_proposals(kit, prompt, PROPOSALS)

    def embed_others() -> np.ndarray:
        # Of the same kind as what is scored: renders of the world lie further from every drawing.
        others = [draw_proposals(kit, _name_target(cast_subject(seed, other)), 1) for other in range(SUBJECTS)]
        return kit.encoder.embed(np.concatenate(others))

    strangers = _without(kit.once("proposed", seed, embed_others), index, split)
    target = make_target(kit, pictures[:1], pictures[1:], strangers)
    told = phrase(*cast.reference(0))
    return Start(cast, pictures[:1], [told], target, {"track": "proposal", "prompt": prompt, "proposals": PROPOSALS})


def draw_proposals(kit: Kit, prompt: str, count: int) -> Pixels:
    """Draw proposals as OneActor does itself: the same seeds, steps and guidance."""
    defaults = find_method("oneactor", "tune").DEFAULTS[kit.base.ref.family]
    asked = {"drawSteps": defaults.draw_steps, "drawGuidance": defaults.draw_guidance} | dict(METHODS["oneactor"].settings)
    sampler = SAMPLER.model_copy(update={"steps": asked["drawSteps"], "guidance": float(asked["drawGuidance"])})
    drawn = []
    for first in range(0, count, CLASS_BATCH):
        seeds = range(PROPOSAL_SEEDS + first, PROPOSAL_SEEDS + min(first + CLASS_BATCH, count))
        requests = [PictureRequest(prompt, number, SIZE, SIZE) for number in seeds]
        drawn.append(decode_latents(kit.base, draw_latents(kit.base, requests, sampler, whole=True)).numpy())
    return np.concatenate(drawn)


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
    return Start(cast, images, [phrase(*view) for view in views], target, {"track": "reference", "prompt": _name_target(cast)})


def _name_target(cast: Cast) -> str:
    """Return the target prompt: everything that can be said of the first reference."""
    return phrase(*cast.reference(0)).replace("{subject}", f"a {cast.noun}")


def _without(vectors_ND: np.ndarray, index: int, split: str) -> np.ndarray:
    return np.delete(vectors_ND, index, axis=0) if split == "test" else vectors_ND


def _draw_lookalikes(cast: Cast, rng: np.random.Generator) -> Pixels:
    figure, scene = cast.reference(0)
    people = list_lookalikes(cast.identity, rng)
    return np.stack([draw((replace(figure, identity=who),), scene, SIZE).image for who in people])
