"""Sheets and figures of the exported base model, as the README shows them."""

import time
from pathlib import Path

from paperdoll.train.base import SHEET_SEED, draw_captions, sheet_captions
from paperdoll.train.export import read_base
from paperdoll.train.sheets import save_rows
from paperdoll.train.vae import measure_vae, reconstruct_sheet


def draw_report(folder: Path, out: Path, side: int = 8) -> dict[str, float]:
    """Write base.png (first captions by seed, nothing left out) and vae.png to `out`; return figures."""
    pipeline = read_base(folder)
    pipeline.set_progress_bar_config(disable=True)
    vae = pipeline.vae.eval()
    encode, decode = (lambda x: vae.encode(x).latent_dist.mean), (lambda z: vae.decode(z).sample)
    captions = sheet_captions(side * side)
    draw_captions(pipeline, captions[:1], SHEET_SEED, 128)  # the first call pays for memory
    began = time.perf_counter()
    images = draw_captions(pipeline, captions, SHEET_SEED, 128)
    seconds = (time.perf_counter() - began) / len(images)
    rows = [images[at : at + side] for at in range(0, len(images), side)]
    save_rows(rows, out / "base.png", [captions[at : at + side] for at in range(0, len(images), side)])
    reconstruct_sheet(encode, decode, out / "vae.png", rows=4)
    return {"secondsPerPicture": round(seconds, 3), **measure_vae(encode, decode, count=128)}
