"""Examples: what a subject is learned from. Proposals that the base model draws, or references beside auxiliaries that it draws.

Letters: N pictures, V views of one, F feature channels, C latent channels, H and W sides.
"""

from dataclasses import dataclass

import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFont
from torch import Tensor

from troupe_worker.checkpoints import Snapshot
from troupe_worker.contracts import Sampler
from troupe_worker.features import read_features, record_features
from troupe_worker.lessons import CLASS_BATCH, encode_references
from troupe_worker.methods.oneactor.settings import Settings
from troupe_worker.models import BaseModel, decode_latents, encode_pictures
from troupe_worker.prompts import encode_prompts
from troupe_worker.sampling import PictureRequest, draw_latents
from troupe_worker.subjects import Subject, caption
from troupe_worker.training import Session

PROPOSAL_SEEDS = 2_000_000  # the first of the seeds that proposals and auxiliaries are drawn from
SHEET_COLUMNS = 4


@dataclass(frozen=True)
class Examples:
    """Latents (N, V, C, H, W), as many views of each picture as there are, and one feature (N, F, H, W) for all of them."""

    target_NVCHW: Tensor
    target_NFHW: Tensor
    auxiliary_NVCHW: Tensor
    auxiliary_NFHW: Tensor
    captions: list[str | None]  # of the targets, where somebody gave one


def make_examples(base: BaseModel, subject: Subject, settings: Settings, session: Session, kept: Snapshot | None) -> Examples:
    """Draw and read what the track of `settings` asks for."""
    prompt = name_target(subject, settings)
    if settings.track == "proposal":
        return _choose_proposal(base, prompt, settings, session, kept)
    latents_NCHW, _ = draw_proposals(base, prompt, settings.proposals - 1, settings, session, kept)
    random = torch.Generator().manual_seed(settings.seed)
    views_NCHW = encode_references(base, subject.references, settings.views, settings.max_zoom, random, session, kept)
    views_NVCHW = views_NCHW.unflatten(0, (len(subject.references), settings.views))
    captions = [caption(subject.name, f"a {subject.noun}", it.caption) for it in subject.references]
    with torch.no_grad():
        told = encode_prompts(base, [*captions, *[prompt] * len(latents_NCHW)])
    # One way to a feature for both: the last step of a drawing is noisier than the smallest timestep.
    clean_NCHW = torch.cat([views_NVCHW[:, 0], latents_NCHW])
    features_NFHW = read_features(base, clean_NCHW, told, settings.layer, PROPOSAL_SEEDS)
    count = len(subject.references)
    return Examples(
        _mirror(base, views_NVCHW, settings.flip),
        features_NFHW[:count],
        _mirror(base, latents_NCHW[:, None], settings.flip),
        features_NFHW[count:],
        [text if it.caption else None for text, it in zip(captions, subject.references, strict=True)],
    )


def name_target(subject: Subject, settings: Settings) -> str:
    """Return the target prompt, of which proposals and auxiliaries are drawn."""
    return settings.prompt or f"a {subject.noun}"


def draw_proposals(
    base: BaseModel, prompt: str, count: int, settings: Settings, session: Session, kept: Snapshot | None
) -> tuple[Tensor, Tensor]:
    """Draw pictures of the target prompt: latents (N, C, H, W), and the prompted half's feature (N, F, H, W) of the last step."""
    sampler = Sampler(name="dpm-solver++", steps=settings.draw_steps, guidance=settings.draw_guidance)
    size, latents, features = base.native_size, [], []
    for start in range(0, count, CLASS_BATCH):
        session.on_progress("draw proposals", start, count)
        name = f"proposals-{start:04}"
        if not (kept and name in kept.parts):
            seeds = range(PROPOSAL_SEEDS + start, PROPOSAL_SEEDS + min(start + CLASS_BATCH, count))
            with record_features(base, settings.layer) as found:
                requests = [PictureRequest(prompt, seed, size, size) for seed in seeds]
                drawn = draw_latents(base, requests, sampler, whole=True)
            part = {"latents": drawn.cpu(), "features": found[0][-len(drawn) :].float().cpu()}
            session.checkpoints.save({name: part}, {"step": 0})
        else:
            part = dict(kept.parts[name])
        latents.append(part["latents"])
        features.append(part["features"])
    return torch.cat(latents).to(base.device), torch.cat(features).to(base.device)


def number_sheet(pixels_NHWC: Tensor) -> Tensor:
    """Lay pictures out as a sheet (H, W, 3), each with the number by which it is chosen."""
    pictures = [Image.fromarray(it.numpy()) for it in pixels_NHWC]
    (width, height), columns = pictures[0].size, min(SHEET_COLUMNS, len(pictures))
    sheet = Image.new("RGB", (columns * width, -(-len(pictures) // columns) * height), "white")
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(max(10, height // 8))
    for index, picture in enumerate(pictures):
        left, top = index % columns * width, index // columns * height
        sheet.paste(picture, (left, top))
        pen.text((left + 4, top + 2), str(index + 1), fill="white", font=font, stroke_width=2, stroke_fill="black")
    return torch.from_numpy(np.array(sheet))


def _choose_proposal(base: BaseModel, prompt: str, settings: Settings, session: Session, kept: Snapshot | None) -> Examples:
    latents_NCHW, features_NFHW = draw_proposals(base, prompt, settings.proposals, settings, session, kept)
    session.show("proposals", number_sheet(decode_latents(base, latents_NCHW)))
    chosen = settings.proposal - 1
    rest = [place for place in range(settings.proposals) if place != chosen]
    views_NVCHW = _mirror(base, latents_NCHW[:, None], settings.flip)
    return Examples(views_NVCHW[[chosen]], features_NFHW[[chosen]], views_NVCHW[rest], features_NFHW[rest], [None])


def _mirror(base: BaseModel, views_NVCHW: Tensor, flip: bool) -> Tensor:
    """Add the mirror image of every view, where wanted. Latents are not mirrored as they are: a VAE's left is not its right."""
    if not flip:
        return views_NVCHW
    mirrored = [encode_pictures(base, decode_latents(base, views_VCHW).flip(2)) for views_VCHW in views_NVCHW]
    return torch.cat([views_NVCHW, torch.stack(mirrored)], dim=1)
