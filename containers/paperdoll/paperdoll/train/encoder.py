"""The identity encoder: a picture to a unit vector that says who, not where, how or in what.

It sees two ways: what the reader's eyes make of the main figure's head, face and body, and fixed features of colour and of
small shapes, which also hold where nobody is in the picture. What of that tells subjects apart is solved, by discriminants.
Shape letters: B pictures, C channels, H and W height and width, N views, S slots, F features, D dimensions of the vector."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from numpy.random import Generator
from safetensors.torch import load_file
from torch import Tensor, nn

from paperdoll.drawing import draw
from paperdoll.identity import sample_identity
from paperdoll.sight.names import ATTRIBUTES, CHOICE_TRAITS, LASTING
from paperdoll.sight.nets import Eyes, squares_of
from paperdoll.train.checkpoint import write_json, write_tensors
from paperdoll.train.onnx_file import write_onnx
from paperdoll.train.views import SIZE, draw_views, sample_view, weather

DIMENSIONS = 128
_PATCH = 7


@dataclass(frozen=True)
class SolveSettings:
    """How much is looked at, and how finely."""

    identities: int = 3000
    views: int = 4
    palette: int = 48
    shapes: int = 160
    colour_grid: int = 5
    shape_grid: int = 3
    ridge: float = 0.03
    seed: int = 9


class MainFigure(nn.Module):
    """What eyes make of the picture's largest figure: (B, 3, 128, 128) in 0..1 to (B, F); zeros where nobody is."""

    def __init__(self, eyes: Eyes) -> None:
        super().__init__()
        self.eyes = eyes

    def forward(self, pixels: Tensor) -> Tensor:
        found = self.eyes.locator(pixels)
        boxes_BS4 = found["boxes"]
        present_BS = torch.sigmoid(found["present"])
        area_BS = (boxes_BS4[..., 2:] - boxes_BS4[..., :2]).clamp(min=0).prod(-1)
        main_B14 = (present_BS * area_BS).argmax(1)[:, None, None].expand(-1, 1, 4)
        head_B4, body_B4 = (some.gather(1, main_B14)[:, 0] for some in (found["heads"], boxes_BS4))
        read = self.eyes.look_who(pixels, squares_of(head_B4, body_B4))
        # A trait that was read with certainty counts the same however certain: discriminants are linear, so it is said here.
        said = [read[name].softmax(1) for name in LASTING] + [read[f"choice {name}"].softmax(1) for name in CHOICE_TRAITS]
        seen = torch.cat([read["features"], read["numbers"], *said], 1)
        return seen * (present_BS.amax(1, keepdim=True) > 0.5)


class IdentityEncoder(nn.Module):
    """(B, 3, 128, 128) in 0..1 to (B, 128) of unit length."""

    def __init__(self, settings: SolveSettings, eyes: Eyes) -> None:
        super().__init__()
        self.settings = settings
        self.figure = MainFigure(eyes)
        self.colours = nn.Conv2d(3, settings.palette, 1)
        self.shapes = nn.Conv2d(3, settings.shapes, _PATCH, stride=2)
        features = settings.palette * settings.colour_grid**2 + settings.shapes * settings.shape_grid**2
        features += eyes.numbers.in_features + eyes.numbers.out_features + sum(len(ATTRIBUTES[name]) for name in LASTING)
        features += sum(map(len, CHOICE_TRAITS.values()))
        self.register_buffer("floor", torch.zeros(1))
        self.head = nn.Linear(features, DIMENSIONS)

    def see(self, pixels: Tensor) -> Tensor:
        """Return (B, F): how much of each colour and of each small shape is where, and what the eyes make of the figure."""
        small = F.avg_pool2d(pixels, 2)
        colours = F.adaptive_avg_pool2d(self.colours(small).softmax(1), self.settings.colour_grid).add(1e-4).sqrt()
        # Brightness and contrast of a patch are taken out by the filters' zero sums and this norm.
        shapes = F.relu(self.shapes(small) - self.floor)
        shapes = F.adaptive_avg_pool2d(shapes, self.settings.shape_grid).add(1e-4).sqrt()
        return torch.cat([colours.flatten(1), shapes.flatten(1), self.figure(pixels)], 1)

    def forward(self, pixels: Tensor) -> Tensor:
        return F.normalize(self.head(self.see(pixels)), dim=1)


def _centres(points_NF: Tensor, count: int, generator: torch.Generator, rounds: int = 8) -> Tensor:
    centres = points_NF[torch.randperm(len(points_NF), generator=generator)[:count]]
    for _ in range(rounds):
        nearest = torch.cdist(points_NF, centres).argmin(1)
        sums = torch.zeros_like(centres).index_add_(0, nearest, points_NF)
        counts = torch.bincount(nearest, minlength=count)[:, None]
        centres = torch.where(counts > 0, sums / counts.clamp(min=1), centres)
    return centres


def _draw_subjects(rng: Generator, settings: SolveSettings) -> Tensor:
    images = []
    for _ in range(settings.identities):
        identity = sample_identity(rng, "train")
        for _ in range(settings.views):
            figure, scene = sample_view(identity, rng)
            images.append(draw((figure,), scene, SIZE).image)
    return torch.from_numpy(np.stack(images)).permute(0, 3, 1, 2)


@torch.no_grad()
def solve_identity(settings: SolveSettings, eyes: Eyes) -> IdentityEncoder:
    """Return the encoder: palette and shapes by clustering, the head by regularised linear discriminants; the eyes stay."""
    rng = np.random.Generator(np.random.PCG64([settings.seed, 1]))
    generator = torch.Generator().manual_seed(settings.seed)
    encoder = IdentityEncoder(settings, eyes).eval()
    images_N3HW = _draw_subjects(rng, settings)
    small = F.avg_pool2d(images_N3HW[:: settings.views][:400].float() / 255, 2)
    pixels = small.permute(0, 2, 3, 1).reshape(-1, 3)
    pixels = pixels[torch.randperm(len(pixels), generator=generator)[:30_000]]
    palette = _centres(pixels, settings.palette, generator)
    sharpness = 60.0
    encoder.colours.weight.copy_(2 * sharpness * palette[..., None, None])
    encoder.colours.bias.copy_(-sharpness * palette.square().sum(1))
    patches = F.unfold(small, _PATCH, stride=5).transpose(1, 2).flatten(0, 1)
    patches = patches[torch.randperm(len(patches), generator=generator)[:20_000]]
    patches = patches - patches.mean(1, keepdim=True)
    patches = patches[patches.norm(dim=1) > 0.6]
    values, axes = torch.linalg.eigh(patches.T @ patches / len(patches))
    white = axes @ torch.diag((values + 0.01).rsqrt()) @ axes.T
    flat = F.normalize(patches @ white, dim=1)
    shapes = F.normalize(_centres(flat, settings.shapes, generator), dim=1) @ white
    shapes = shapes - shapes.mean(1, keepdim=True)
    encoder.shapes.weight.copy_(shapes.reshape(settings.shapes, 3, _PATCH, _PATCH))
    nn.init.zeros_(encoder.shapes.bias)
    encoder.floor.fill_(1.0)
    seen = []
    for at in range(0, len(images_N3HW), 64):
        seen.append(encoder.see(weather(images_N3HW[at : at + 64].float() / 255, rng)))
    h_NF = torch.cat(seen)
    head_DF = discriminants(h_NF, settings.views, settings.ridge)
    encoder.head.weight.copy_(head_DF)
    encoder.head.bias.copy_(-head_DF @ h_NF.mean(0))
    return encoder


def discriminants(h_NF: Tensor, views: int, ridge: float) -> Tensor:
    """Return (D, F): the directions in which subjects differ most for how little views of one subject do."""
    h_NF = (h_NF - h_NF.mean(0)).double()
    groups = h_NF.view(-1, views, h_NF.shape[1])
    means = groups.mean(1)
    within = (groups - means[:, None]).flatten(0, 1)
    inside = within.T @ within / (len(h_NF) - len(means))
    between = means.T @ means / len(means) - inside / views
    inside += ridge * inside.diagonal().mean() * torch.eye(len(inside), dtype=torch.float64)
    root = torch.linalg.cholesky(inside)
    half = torch.linalg.solve_triangular(root, between, upper=False)
    whitened = torch.linalg.solve_triangular(root, half.T, upper=False)
    values, axes = torch.linalg.eigh((whitened + whitened.T) / 2)
    values, axes = values.flip(0)[:DIMENSIONS].clamp(min=0), axes.flip(1)[:, :DIMENSIONS]
    # A direction counts for as much as it says of the subject against what it says of the view.
    weights = (values / (values + 1)).sqrt()
    return (weights[:, None] * torch.linalg.solve_triangular(root.T, axes, upper=True).T).float()


def save_encoder(encoder: IdentityEncoder, folder: Path) -> None:
    """Keep the solved encoder in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    write_tensors(encoder.state_dict(), folder / "encoder.safetensors")


def load_encoder(folder: Path) -> IdentityEncoder:
    """Return the encoder that `save_encoder` kept."""
    encoder = IdentityEncoder(SolveSettings(), Eyes())
    encoder.load_state_dict(load_file(folder / "encoder.safetensors"))
    return encoder.eval().requires_grad_(False)


@torch.inference_mode()
def measure_encoder(encoder: nn.Module, identities: int = 300, split: str = "test", seed: int = 31) -> dict[str, float]:
    """Return, on unseen identities, recall at 1 among all of them, and how often a twin is told from the subject."""
    rng = np.random.Generator(np.random.PCG64([seed]))
    images = draw_views(rng, split, identities)
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
    write_onnx(encoder, torch.rand(2, 3, SIZE, SIZE), ["vector"], folder / "encoder.onnx", {0: "batch"}, halve=True)
    card = {"name": "paperdoll-identity", "version": version, "size": SIZE, "dimensions": DIMENSIONS}
    write_json(card | {"input": "pixels", "output": "vector", "pad": [128, 128, 128]}, folder / "encoder.json")
