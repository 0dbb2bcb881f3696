"""The model card: what the committed base model is, how it was made, and where it ends."""

from diffusers import AutoencoderKL

from paperdoll.train.diffusion import EARLINESS
from paperdoll.train.vae import measure_vae

# Samples of the sittings before the last, each of which began with the weights of the one before.
EARLIER = (31_520, 94_448, 43_136, 48_392, 44_992, 78_576, 91_264, 76_032)


def write_card(vae: AutoencoderKL, counters: dict) -> str:
    """Return the model card as Markdown, its figures measured or read from the training's counters."""
    vae = vae.float()
    figures = measure_vae(lambda x: vae.encode(x).latent_dist.mean, lambda z: vae.decode(z).sample, count=64)
    earlier = ", ".join(f"{samples:,}" for samples in EARLIER)
    total = f"{sum(EARLIER) + counters['samples']:,}"
    return f"""---
license: apache-2.0
library_name: diffusers
pipeline_tag: text-to-image
---

# paperdoll

A text-to-image model of a small drawn world, 128 x 128 px, small enough to train and run on two CPU cores.
Stock `StableDiffusionPipeline` loads this folder.

- **VAE**: AutoencoderKL, 8x down, {vae.config.latent_channels} channels. Its encoder was solved (principal axes of pictures,
  reduced-rank regression), its decoder trained. PSNR on 64 pictures of the test split: {figures["wholeDb"]} dB whole,
  {figures["faceDb"]} dB in the face.
- **Text**: a tokenizer of the world's words in CLIP's format (80 tokens), CLIPTextModel of 4 layers x 192, pretrained
  to read attributes from captions, then frozen.
- **UNet**: 96-192-256, one layer a block, cross-attention at 16, 8 and 4. Trained in sittings, each from the weights of
  the one before: {earlier} samples on two cores, then {counters["samples"]:,} on one H100, in {counters["step"]:,} steps of
  256 over 160,000 pictures, {counters["seconds"] / 60:.1f} minutes beside another training. The first four saw
  64 px pictures in batches of 32 first, then
  128 px in batches of 16; from the fourth on a latent cell of a head counted three times. Before the fifth the latents of
  details were spread wider, and the first and last convolution scaled to fit. From the sixth on times were drawn from a
  schedule with {EARLINESS} times the noise to signal, because what a picture shows is decided early. From the seventh on
  it multiplied in bfloat16, in batches of 32; from the eighth a cell of a body counted twice, of a head four times.
  v-prediction, squared-cosine schedule, min-SNR 5 with a floor of 0.35, one caption in ten dropped, AdamW 8e-4 to 1e-3
  (on the H100 1.5e-3) falling over the second half, moving average of the weights;
  beside it the lesson in body parts (`layout.py`).
- **Data**: pictures drawn by `paperdoll dataset`; identities of the train split only (80 % by hash; validation 10 %,
  test 10 %). No photograph, no drawing by another hand.
- **Sampling**: DPM-Solver++, trailing, 20 steps, guidance 4.

## Limits

It knows the words of the world and nothing else, after {total} samples. What of a prompt it draws as asked, attribute by
attribute, is in Troupe's `bench/base-attributes.md`: framing and colours mostly, expressions, patterns and what is held least;
several figures run together. Training goes on from this folder with
`.venv/bin/python -m paperdoll.train base --from models/paperdoll --minutes 90`.

Weights: Apache-2.0.
"""
