"""The identity encoder: a picture to a unit vector that says who, not where, how or in what.

Shape letters: B pictures, D dimensions of the vector, H and W height and width."""

from functools import partial
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from diffusers import AutoencoderKL
from torch import Tensor, nn

from paperdoll import vocabulary as words
from paperdoll.identity import CHEEK_MARKS, MARKINGS, NUMBER_TRAITS, Identity
from paperdoll.train.learner import NUM_PARTS, Learner, LearnSettings, Part, read_average, run_training
from paperdoll.train.progress import Reporter
from paperdoll.train.views import SIZE, draw_views, weather

DIMENSIONS = 128
TEMPERATURE = 0.07
ROUND_TRIPS = 1  # picture of each half batch that goes through the VAE: it costs more than the encoder itself
STRANGERS_UNTIL = 0.4  # share of the budget before look-alikes come

NAMES: dict[str, tuple[str, ...]] = {
    "kind": words.KINDS,
    "surface": tuple(sorted({value for values in words.SURFACES.values() for value in values})),
    "hair_style": ("none", *words.HAIR_STYLES),
    "hair_colour": ("none", *words.HAIR_COLOURS),
    "eye_colour": words.EYE_COLOURS,
    "cheek_mark": CHEEK_MARKS,
    "marking": tuple(sorted({value for values in MARKINGS.values() for value in values})),
}


class _Block(nn.Module):
    """Depthwise convolution, then two mixings of channels, and a way around."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.spread = nn.Conv2d(channels, channels, 5, padding=2, groups=channels)
        self.norm = nn.GroupNorm(1, channels)
        self.widen, self.narrow = nn.Conv2d(channels, 3 * channels, 1), nn.Conv2d(3 * channels, channels, 1)

    def forward(self, x_BCHW: Tensor) -> Tensor:
        return x_BCHW + self.narrow(F.gelu(self.widen(self.norm(self.spread(x_BCHW)))))


class IdentityEncoder(nn.Module):
    """(B, 3, 128, 128) in 0..1 to (B, 128) of unit length."""

    def __init__(self, widths: tuple[int, ...] = (48, 96, 160), depths: tuple[int, ...] = (1, 2, 3)) -> None:
        super().__init__()
        layers: list[nn.Module] = [nn.Conv2d(3, widths[0], 4, stride=4)]
        for level, (width, depth) in enumerate(zip(widths, depths, strict=True)):
            if level:
                layers.append(nn.Conv2d(widths[level - 1], width, 2, stride=2))
            layers += [_Block(width) for _ in range(depth)]
        self.body = nn.Sequential(*layers)
        # Where in the picture the head is changes by framing: look with learned weights, not at the plain mean.
        self.look = nn.Conv2d(widths[-1], 4, 1)
        self.head = nn.Linear(4 * widths[-1], DIMENSIONS)

    def pool(self, pixels: Tensor) -> Tensor:
        """Return (B, 4 C): what the four looks see."""
        x_BCN = self.body(pixels * 2 - 1).flatten(2)
        weights_BLN = self.look(x_BCN[..., None])[..., 0].softmax(-1)
        return (x_BCN @ weights_BLN.transpose(1, 2)).flatten(1)

    def forward(self, pixels: Tensor) -> Tensor:
        return F.normalize(self.head(self.pool(pixels)), dim=1)


class EncoderAtSchool(nn.Module):
    """The encoder with heads that name every trait: without them, look-alikes in one place teach it nothing for long."""

    def __init__(self, encoder: IdentityEncoder) -> None:
        super().__init__()
        self.encoder = encoder
        width = encoder.head.in_features
        self.names = nn.Linear(width, sum(len(values) for values in NAMES.values()))
        self.numbers = nn.Linear(width, len(NUMBER_TRAITS))

    def loss(self, pixels: Tensor, numbers: list[int], identities: list[Identity]) -> tuple[Tensor, dict[str, float]]:
        """Return contrast and trait losses together; `named` is the share of named traits that are read right."""
        pooled = self.encoder.pool(pixels)
        loss, right = contrast_loss(F.normalize(self.encoder.head(pooled), dim=1), numbers)
        read = []
        for logits, (name, values) in zip(
            self.names(pooled).split([len(values) for values in NAMES.values()], 1), NAMES.items(), strict=True
        ):
            truth = torch.tensor([values.index(getattr(identity, name)) for identity in identities])
            loss = loss + F.cross_entropy(logits, truth) / 3
            read.append(float((logits.argmax(1) == truth).float().mean()))
        wanted = torch.tensor([[getattr(identity, name) for name in NUMBER_TRAITS] for identity in identities])
        loss = loss + 3 * F.mse_loss(self.numbers(pooled), wanted)
        return loss, {"right": right, "named": float(np.mean(read))}


def contrast_loss(vectors_BD: Tensor, numbers: list[int]) -> tuple[Tensor, float]:
    """Return the supervised contrastive loss, and the share of pictures whose nearest other is of the same identity."""
    labels = torch.tensor(numbers)
    itself = torch.eye(len(labels), dtype=torch.bool)
    same = (labels[:, None] == labels[None]) & ~itself
    likeness = (vectors_BD @ vectors_BD.T / TEMPERATURE).masked_fill(itself, -1e4)
    log_share = likeness - likeness.logsumexp(1, keepdim=True)
    loss = -(log_share * same).sum(1) / same.sum(1)
    nearest = likeness.argmax(1)
    return loss.mean(), float((labels[nearest] == labels).float().mean())


def train_encoder(folder: Path, vae: AutoencoderKL, settings: LearnSettings, batch: int, seed: int) -> None:
    """Train, or go on training, the encoder in `folder`, on seeds that no base training uses."""
    torch.manual_seed(seed)
    model = EncoderAtSchool(IdentityEncoder()).to(memory_format=torch.channels_last)
    learner, reporter = Learner(model, settings), Reporter("encoder")
    learner.restore(folder)

    def parts_of(step: int) -> list[Part]:
        def work(part: int) -> tuple[Tensor, dict[str, float], int]:
            rng = np.random.Generator(np.random.PCG64([seed, 555, step * NUM_PARTS + part]))
            # Strangers first and always in one half: look-alikes alone show too few faces to learn from.
            members = 3 if part and learner.progress > STRANGERS_UNTIL else 1
            images, numbers, identities = draw_views(rng, "train", batch // NUM_PARTS // 2 // members, members)
            x_BCHW = torch.from_numpy(np.stack(images)).permute(0, 3, 1, 2).float() / 255
            chosen = torch.from_numpy(rng.permutation(len(images))[:ROUND_TRIPS])
            x_BCHW[chosen] = pass_through(vae, x_BCHW[chosen])
            x_BCHW = weather(x_BCHW, rng).contiguous(memory_format=torch.channels_last)
            return *model.loss(x_BCHW, numbers, identities), len(images)

        return [partial(work, part) for part in range(NUM_PARTS)]

    run_training(learner, folder, reporter, parts_of)
    if learner.progress >= 1:
        reporter.say("encoder.measured", **measure_encoder(load_encoder(folder)))


@torch.no_grad()
def pass_through(vae: AutoencoderKL, x_BCHW: Tensor) -> Tensor:
    """Return pictures in 0..1 encoded and decoded, as everything is that the base model draws."""
    return (
        torch.cat([vae.decode(vae.encode(x * 2 - 1).latent_dist.mean).sample for x in x_BCHW.split(16)]).add(1).div(2).clamp(0, 1)
    )


def load_encoder(folder: Path) -> IdentityEncoder:
    """Return the encoder with the averaged weights of the newest checkpoint."""
    encoder = IdentityEncoder()
    encoder.load_state_dict({name[8:]: value for name, value in read_average(folder)[0].items() if name.startswith("encoder.")})
    return encoder.eval().requires_grad_(False)


@torch.inference_mode()
def measure_encoder(encoder: nn.Module, identities: int = 300, split: str = "test", seed: int = 31) -> dict[str, float]:
    """Return, on unseen identities, recall at 1 among all of them, and how often a twin is told from the subject."""
    rng = np.random.Generator(np.random.PCG64([seed]))
    images, _, _ = draw_views(rng, split, identities)
    x_BCHW = torch.from_numpy(np.stack(images)).permute(0, 3, 1, 2)
    vectors = torch.cat([encoder(part.float() / 255) for part in x_BCHW.split(64)]).view(identities, 3, 2, DIMENSIONS)
    query, gallery, twin = vectors[:, 0, 0], vectors[:, 0, 1], vectors[:, 1, 1]
    found = (query @ gallery.T).argmax(1) == torch.arange(identities)
    told = (query * gallery).sum(1) > (query * twin).sum(1)
    return {
        "identities": identities,
        "recallAt1": round(found.float().mean().item(), 3),
        "twinTold": round(told.float().mean().item(), 3),
    }


def export_encoder(encoder: IdentityEncoder, folder: Path, version: str) -> None:
    """Write encoder.onnx (pixels to vector, any batch) and encoder.json to `folder`."""
    from paperdoll.train.checkpoint import write_json

    folder.mkdir(parents=True, exist_ok=True)
    torch.onnx.export(
        encoder,
        (torch.rand(2, 3, SIZE, SIZE),),
        folder / "encoder.onnx",
        input_names=["pixels"],
        output_names=["vector"],
        dynamic_shapes=({0: torch.export.Dim("batch", min=1, max=4096)},),
        opset_version=18,
        dynamo=True,
        external_data=False,
    )
    card = {"name": "paperdoll-identity", "version": version, "size": SIZE, "dimensions": DIMENSIONS}
    write_json(card | {"input": "pixels", "output": "vector", "pad": [128, 128, 128]}, folder / "encoder.json")
