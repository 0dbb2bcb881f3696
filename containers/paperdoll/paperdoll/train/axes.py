"""The encoder, solved and not trained: principal axes of pictures, written into AutoencoderKL's own layers.

A trained encoder of this size needs hours on a CPU to pass what this has after seconds (26 dB by a linear way back).
Shape letters: B batch, C channels, H and W height and width, N blocks, F features, P pixels of a block, K latents."""

import torch
import torch.nn.functional as F
from diffusers import AutoencoderKL
from torch import Tensor, nn

EVENNESS = 0.5  # 0 leaves each axis its own spread, 1 gives all the same
_STEADY = 30.0  # far above the axes' own spread
_LOG_VARIANCE = -14.0  # of the latents' distribution: a sample is the mean


@torch.no_grad()
def _lay_axes(vae: AutoencoderKL, images_BCHW: Tensor) -> None:
    """Let the encoder begin as a ladder of principal axes: each level keeps the most of its 2 x 2 blocks that fits.

    Residual branches are silent then; the last level holds every axis with both signs (act(x) - act(-x) = x for SiLU)
    and two constants that hold the last norm's scale still."""
    encoder = vae.encoder
    nn.init.dirac_(encoder.conv_in.weight), nn.init.zeros_(encoder.conv_in.bias)
    x = encoder.conv_in(images_BCHW)
    blocks = list(encoder.down_blocks)
    for block in blocks:
        way = block.resnets[0].conv_shortcut
        if way is not None:
            nn.init.zeros_(way.weight), nn.init.zeros_(way.bias)
            width = min(way.in_channels, way.out_channels)
            way.weight[:width, :width, 0, 0] = torch.eye(width)
            if block is blocks[-1]:
                twin = min(width, way.out_channels - width)
                way.weight[width : width + twin, :twin, 0, 0] = -torch.eye(twin)
                way.weight[-1], way.weight[width - 1] = 0, 0
                way.bias[-1], way.bias[width - 1] = -_STEADY, _STEADY
            x = way(x)
        if block.downsamplers:
            conv = block.downsamplers[0].conv
            blocks_NF = F.unfold(x.contiguous(), 2, stride=2).transpose(1, 2).flatten(0, 1)
            blocks_NF = blocks_NF - blocks_NF.mean(0)
            axes_FF = torch.linalg.eigh(blocks_NF.T @ blocks_NF)[1].flip(1)
            kept = min(conv.out_channels, axes_FF.shape[1])
            nn.init.zeros_(conv.weight), nn.init.zeros_(conv.bias)
            conv.weight[:kept, :, :2, :2] = axes_FF[:, :kept].T.reshape(kept, -1, 2, 2)
            x = block.downsamplers[0](x)


@torch.no_grad()
def solve_encoder(vae: AutoencoderKL, images_BCHW: Tensor, ridge: float = 1e-3) -> float:
    """Write the best linear encoder into `vae`; return the PSNR in dB of the best linear way back.

    The last layer is found by reduced-rank regression from its features to 8 x 8 px blocks."""
    _lay_axes(vae, images_BCHW)
    encoder, num_latents = vae.encoder, vae.config.latent_channels
    features: list[Tensor] = []
    hook = encoder.conv_out.register_forward_pre_hook(lambda module, given: features.append(given[0]))
    for part in images_BCHW.split(16):
        encoder(part)
    hook.remove()
    h_NF = torch.cat([F.unfold(part.contiguous(), 3, padding=1).transpose(1, 2).flatten(0, 1) for part in features])
    y_NP = F.pixel_unshuffle(images_BCHW, 8).permute(0, 2, 3, 1).flatten(0, 2)
    h_mean, y_mean = h_NF.mean(0), y_NP.mean(0)
    h_NF, y_NP = h_NF - h_mean, y_NP - y_mean
    gram_FF = h_NF.T @ h_NF
    gram_FF += ridge * gram_FF.diagonal().mean() * torch.eye(len(gram_FF))
    map_FP = torch.linalg.solve(gram_FF, h_NF.T @ y_NP)
    fitted_NP = h_NF @ map_FP
    axes_PK = torch.linalg.eigh(fitted_NP.T @ fitted_NP)[1].flip(1)[:, :num_latents]
    # Half way to one spread for all. With their own, brightness had 17 times the spread of what an eye is made of: noise hid the
    # details for most of a drawing and the base model's loss hardly knew them; with one, texture counts as much as layout.
    spread_K = (fitted_NP @ axes_PK).std(0)
    scale_K = spread_K**EVENNESS
    scale_K *= (spread_K / scale_K).square().mean().sqrt()
    weight_KF = (map_FP @ axes_PK / scale_K).T
    for layer in (encoder.conv_out, vae.quant_conv):
        nn.init.zeros_(layer.weight), nn.init.zeros_(layer.bias)
    encoder.conv_out.weight[:num_latents] = weight_KF.reshape(num_latents, -1, 3, 3)
    encoder.conv_out.bias[:num_latents] = -(weight_KF @ h_mean)
    vae.quant_conv.weight[:num_latents, :num_latents, 0, 0] = torch.eye(num_latents)
    vae.quant_conv.bias[num_latents:] = _LOG_VARIANCE
    made_NP = (fitted_NP @ axes_PK) @ axes_PK.T
    return float(10 * torch.log10(4 / F.mse_loss(made_NP, y_NP)))
