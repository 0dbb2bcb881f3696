"""What people look at of the base bench: drawings by prompt, confusions, likeness histograms, attributes in a table."""

import hashlib
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from paperdoll.sight.names import ATTRIBUTES
from PIL import Image, ImageDraw

from troupe_bench.base.labels import find_picture
from troupe_bench.kit import Kit
from troupe_bench.rows import Row, Rows

COLUMNS, ROWS, CELL, LINE = 6, 4, 192, 44


def draw_pictures(folder: Path, rows: list[Row], kit: Kit, seed: int) -> None:
    """Write what the rows allow: parts that were not measured have no picture."""
    prompts, encoder = Rows.of_part(rows, "prompts"), Rows.of_part(rows, "encoder")
    if len(prompts):
        _draw_sheet(prompts, kit, seed).save(folder / "base-drawings.png", optimize=True)
    if len(prompts) or len(Rows.of_part(rows, "oracle")):
        (folder / "base-attributes.md").write_text(_write_attributes(rows))
    if len(encoder):
        _draw_histograms(encoder, folder / "base-likeness.png")


def _draw_sheet(prompts: Rows, kit: Kit, seed: int) -> Image.Image:
    """Return the first drawings by hash of their number, with what was asked beneath, failures included."""
    order = sorted(range(len(prompts)), key=lambda at: hashlib.sha256(str(int(prompts["number"][at])).encode()).hexdigest())
    order = order[: COLUMNS * ROWS]
    sheet = Image.new("RGB", (COLUMNS * CELL, ROWS * (CELL + LINE)), "white")
    pen = ImageDraw.Draw(sheet)
    for place, at in enumerate(order):
        left, top = place % COLUMNS * CELL, place // COLUMNS * (CELL + LINE)
        picture = Image.fromarray(find_picture(kit, seed, int(prompts["number"][at])))
        sheet.paste(picture.resize((CELL, CELL), Image.Resampling.LANCZOS), (left, top))
        lines = _wrap(prompts["prompt"][at], 38)[:3]
        pen.multiline_text((left + 3, top + CELL + 2), "\n".join(lines), fill="black", font_size=10, spacing=2)
    return sheet


def _wrap(text: str, width: int) -> list[str]:
    lines = [""]
    for word in text.split():
        if len(lines[-1]) + len(word) + 1 > width:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines


def _write_attributes(rows: list[Row]) -> str:
    """Return a Markdown table: each attribute read right by the oracle on renders, after the VAE, and in drawings."""
    oracle, prompts = Rows.of_part(rows, "oracle"), Rows.of_part(rows, "prompts")

    def right(some: Rows, wrong: str, of: str, name: str) -> str:
        asked = sum(name in shown for shown in some[of]) if len(some) else 0
        missed = sum(name in items for items in some[wrong]) if len(some) else 0
        return f"{1 - missed / asked:.3f} ({asked})" if asked else "–"

    lines = [
        "<!-- Written by `troupe bench base`: do not edit. -->",
        "| attribute | oracle on renders | after the VAE | oracle on renders of the prompts | base model's drawings |",
        "|---|---|---|---|---|",
    ]
    for name in ATTRIBUTES:
        cells = [right(oracle, "wrong", "shown", name), right(oracle, "wrongVae", "shown", name)]
        cells += [right(prompts, "wrongTrue", "asked", name), right(prompts, "wrong", "asked", name)]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    counted = Counter(mistake for mistakes in oracle["mistakes"] for mistake in mistakes) if len(oracle) else Counter()
    lines += ["", "| what the oracle most often confuses (truth → reading) | times |", "|---|---|"]
    lines += [f"| {mistake} | {times} |" for mistake, times in sorted(counted.items(), key=lambda it: (-it[1], it[0]))[:20]]
    return "\n".join(lines) + "\n"


def _draw_histograms(encoder: Rows, path: Path) -> None:
    figure = Figure(figsize=(8, 3), dpi=110, layout="constrained")
    axes: Any = figure.subplots(1, 2)
    for place, (title, same, others) in enumerate(
        (("identity encoder", "same", "strangers"), ("whole-picture VAE latents", "sameLatent", "strangersLatent"))
    ):
        edges = np.linspace(min(-0.2, encoder[others].min()), 1, 50)
        axes[place].hist(encoder[others].ravel(), edges, density=True, alpha=0.6, label="strangers")
        axes[place].hist(encoder[same], edges, density=True, alpha=0.6, label="same subject")
        axes[place].set(title=title, xlabel="cosine", yticks=[])
        axes[place].legend(frameon=False)
    figure.savefig(path, metadata={"Software": None})
