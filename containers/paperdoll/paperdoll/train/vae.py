"""The VAE: a standard AutoencoderKL with a thin first level, trained on 64 px pieces of 128 px pictures, at last on whole ones.

Shape letters: B batch, C channels, H and W height and width."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from diffusers import AutoencoderKL
from torch import Tensor, nn

from paperdoll.train.axes import solve_encoder
from paperdoll.train.checkpoint import read_checkpoint
from paperdoll.train.learner import NUM_PARTS, Learner, LearnSettings, Part, read_average, run_training
from paperdoll.train.line import fit_line, lay_line
from paperdoll.train.pictures import draw_pictures, halve, to_images, to_tensor
from paperdoll.train.progress import Reporter
from paperdoll.train.sheets import save_rows

LATENT_CHANNELS = 32
PIECE = 64
CHANNELS = (8, 32, 64, 128)
GROUPS = 1  # one: then the first linear start can be exact (start_as_line)
EDGE_WEIGHT = 0.5
FACE_WEIGHT = 4.0  # of a pixel in a face, of whole pictures: pieces hold faces often enough
WHOLE = 4  # pieces that take the time of a whole picture
NOISE = 0.2  # largest latent noise while training, in units of the latents' own spread


def build_vae() -> AutoencoderKL:
    """Return an untrained VAE whose residual branches start silent, so that it begins as a short linear chain."""
    vae = AutoencoderKL(
        block_out_channels=CHANNELS,
        down_block_types=("DownEncoderBlock2D",) * len(CHANNELS),
        up_block_types=("UpDecoderBlock2D",) * len(CHANNELS),
        layers_per_block=1,
        latent_channels=LATENT_CHANNELS,
        norm_num_groups=GROUPS,
        mid_block_add_attention=False,
        sample_size=128,
        force_upcast=False,
    )
    for name, module in vae.named_modules():
        if name.endswith("conv2"):
            nn.init.zeros_(module.weight)
            nn.init.zeros_(module.bias)
    return vae.to(memory_format=torch.channels_last)


def draw_pieces(seed: int, step: int, count: int) -> Tensor:
    """Return (B, 3, 64, 64): pieces of 128 px pictures, half of them around a face, and a few whole pictures."""
    rng = np.random.Generator(np.random.PCG64([seed, step, 1]))
    pieces = []
    for drawn in draw_pictures((seed, step), count // 2, "train", 2 * PIECE, truth=True):
        if rng.random() < 0.25:
            pieces.append(halve(drawn.image[None])[0])
        else:
            left, top = rng.integers(0, PIECE + 1, 2)
            pieces.append(drawn.image[top : top + PIECE, left : left + PIECE])
        left, top = rng.integers(0, PIECE + 1, 2)
        if drawn.faces:
            box = drawn.faces[int(rng.integers(len(drawn.faces)))]
            middle = np.array([box[0] + box[2], box[1] + box[3]]) // 2 - PIECE // 2
            left, top = np.clip(middle + rng.integers(-12, 13, 2), 0, PIECE)
        pieces.append(drawn.image[top : top + PIECE, left : left + PIECE])
    return to_tensor(pieces)


def draw_whole(seed: int, step: int, count: int) -> tuple[Tensor, Tensor]:
    """Return (B, 3, 128, 128) whole pictures, and (B, 1, 128, 128) how much each pixel counts."""
    drawn = draw_pictures((seed, step, 2), count, "train", 2 * PIECE, truth=True)
    weights_B1HW = torch.ones(count, 1, 2 * PIECE, 2 * PIECE)
    for weight_1HW, picture in zip(weights_B1HW, drawn, strict=True):
        for left, top, right, bottom in picture.faces:
            weight_1HW[:, top:bottom, left:right] = FACE_WEIGHT
    return to_tensor([picture.image for picture in drawn]), weights_B1HW / weights_B1HW.mean()


def _edges(x_BCHW: Tensor) -> Tensor:
    """Return the differences between neighbours, across and down, flattened."""
    return torch.cat([x_BCHW.diff(dim=2).flatten(), x_BCHW.diff(dim=3).flatten()])


def reconstruction_loss(made_BCHW: Tensor, true_BCHW: Tensor, weights_B1HW: Tensor) -> Tensor:
    """Return how far `made` is from `true`: absolute and squared error, and the same of their edges."""
    error = weights_B1HW.sqrt() * (made_BCHW - true_BCHW)  # the root: it is squared below, and a face's rim is no edge
    edges = _edges(error)
    return error.abs().mean() + 4 * error.square().mean() + EDGE_WEIGHT * (edges.abs().mean() + 2 * edges.square().mean())


def vae_loss(
    encode: Callable[[Tensor], Tensor],
    decode: Callable[[Tensor], Tensor],
    x_BCHW: Tensor,
    weights_B1HW: Tensor,
    generator: torch.Generator,
) -> tuple[Tensor, dict[str, float]]:
    """Return the loss on one batch and its PSNR; a quarter of the batch is decoded without latent noise."""
    mean = encode(x_BCHW)
    level = NOISE * torch.rand(len(mean), 1, 1, 1, generator=generator)
    level[: max(1, len(mean) // 4)] = 0
    spread = mean.detach().std()
    made = decode(mean + level * spread * torch.randn(mean.shape, generator=generator))
    loss = reconstruction_loss(made, x_BCHW, weights_B1HW)
    with torch.no_grad():
        psnr = 10 * torch.log10(4 / F.mse_loss(made.clamp(-1, 1), x_BCHW))
    return loss, {"psnr": psnr.item(), "spread": spread.item()}


def _run(learner: Learner, folder: Path, name: str, encode, decode, batch: int, seed: int, whole_from: float) -> None:
    reporter = Reporter(name)
    learner.restore(folder)

    def parts_of(step: int) -> list[Part]:
        def work(part: int) -> tuple[Tensor, dict[str, float], int]:
            number = step * NUM_PARTS + part
            if learner.progress < whole_from:
                x_BCHW = draw_pieces(seed, number, batch // NUM_PARTS)
                weights_B1HW = torch.ones(len(x_BCHW), 1, 1, 1)
            else:
                x_BCHW, weights_B1HW = draw_whole(seed, number, max(1, batch // NUM_PARTS // WHOLE))
            x_BCHW = x_BCHW.contiguous(memory_format=torch.channels_last)
            generator = torch.Generator().manual_seed(seed * 1_000_003 + number)
            return *vae_loss(encode, decode, x_BCHW, weights_B1HW, generator), len(x_BCHW)

        return [partial(work, part) for part in range(NUM_PARTS)]

    @torch.inference_mode()
    def draw_sheet() -> None:
        kept = {key: value.clone() for key, value in learner.model.state_dict().items()}
        learner.model.load_state_dict(learner.average, strict=False)
        reporter.say("vae.measured", step=learner.step, **measure_vae(encode, decode, count=16))
        reconstruct_sheet(encode, decode, folder / f"sheet-{learner.step:06d}.png")
        learner.model.load_state_dict(kept)

    run_training(learner, folder, reporter, parts_of, draw_sheet)


def start_vae(folder: Path, seed: int, num_images: int = 160, line_steps: int = 300) -> dict[str, float]:
    """Solve the encoder and fit the decoder's line; write both to `folder` as the VAE that training goes on with."""
    torch.manual_seed(seed)
    vae = build_vae()
    images_BCHW = to_tensor([drawn.image for drawn in draw_pictures((seed, 89), num_images, "train", 2 * PIECE)])
    figures = {"linearDb": solve_encoder(vae, images_BCHW)}
    lay_line(vae)
    with torch.no_grad():
        z_BCHW = torch.cat([vae.encode(part).latent_dist.mean for part in images_BCHW.split(16)])
    vae.register_to_config(scaling_factor=round(1 / z_BCHW.std().item(), 5))
    figures["lineDb"] = fit_line(vae, z_BCHW, images_BCHW, line_steps)
    part = folder.with_name(folder.name + ".part")
    vae.save_pretrained(part)
    part.rename(folder)
    return figures


def read_vae(folder: Path) -> AutoencoderKL:
    """Return the VAE in the diffusers folder `folder`, frozen."""
    vae = AutoencoderKL.from_pretrained(folder, torch_dtype=torch.float32)
    return vae.eval().requires_grad_(False).to(memory_format=torch.channels_last)


def train_decoder(folder: Path, start: Path, settings: LearnSettings, batch: int, seed: int, whole_from: float = 0.7) -> None:
    """Train, or go on training, the decoder on the latents of the solved encoder, which stay as they are.

    From `whole_from` of the time it learns from whole pictures, in which its one group of norms sees what it sees in use."""
    torch.manual_seed(seed)
    vae = read_vae(start).train()
    model = nn.ModuleDict({"decoder": vae.decoder, "post_quant_conv": vae.post_quant_conv}).requires_grad_(True)

    @torch.no_grad()
    def encode(x_BCHW: Tensor) -> Tensor:
        return vae.encode(x_BCHW).latent_dist.mean

    _run(Learner(model, settings), folder, "vae", encode, lambda z: vae.decode(z).sample, batch, seed, whole_from)


def load_trained_vae(start: Path, folder: Path) -> AutoencoderKL:
    """Return the started VAE with the averaged decoder of the newest checkpoint in `folder`, if there is one."""
    vae = read_vae(start)
    if read_checkpoint(folder) is not None:
        vae.load_state_dict(vae.state_dict() | read_average(folder)[0])
    return vae


@torch.inference_mode()
def reconstruct(encode, decode, images: list[np.ndarray]) -> np.ndarray:
    """Return (B, H, W, 3) uint8: `images` encoded and decoded."""
    return np.concatenate([to_images(decode(encode(to_tensor(images[at : at + 16])))) for at in range(0, len(images), 16)])


def _psnr(error: np.ndarray) -> float:
    return float(10 * np.log10(255**2 / max(np.mean(error**2), 1e-9)))


def measure_vae(encode, decode, count: int, split: str = "test", seed: int = 7) -> dict[str, float]:
    """Return the mean PSNR in dB of whole pictures and of faces, on pictures of `split`."""
    drawn = draw_pictures((seed, 0), count, split, 128, truth=True)
    made = reconstruct(encode, decode, [picture.image for picture in drawn])
    errors = [picture.image.astype(np.float64) - again for picture, again in zip(drawn, made, strict=True)]
    faces = [
        _psnr(error[top:bottom, left:right])
        for picture, error in zip(drawn, errors, strict=True)
        for left, top, right, bottom in picture.faces
    ]
    return {"wholeDb": round(float(np.mean([_psnr(error) for error in errors])), 2), "faceDb": round(float(np.mean(faces)), 2)}


def reconstruct_sheet(encode, decode, path: Path, columns: int = 8, rows: int = 2, seed: int = 7) -> None:
    """Write originals of the test split over their reconstructions."""
    images = [drawn.image for drawn in draw_pictures((seed, 0), columns * rows, "test", 128)]
    made = reconstruct(encode, decode, images)
    strips = []
    for at in range(0, len(images), columns):
        strips += [images[at : at + columns], list(made[at : at + columns])]
    save_rows(strips, path)
