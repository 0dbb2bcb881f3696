"""What people look at: the trade-off plot, the sheet of subjects by method, and every method's numbers in tables."""

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from PIL import Image, ImageDraw

from troupe_bench.kit import Kit
from troupe_bench.measures import mean
from troupe_bench.oneactor.plan import ABLATIONS, MARKS, METHODS, SEARCH, UPLOADS
from troupe_bench.rows import Row, Rows

ROWS, CELL, LINE, SCENES_SHOWN = 6, 128, 18, 2
_ALL = ("none", "noun", *METHODS, "paste")
_FIELDS = ("similarity", "first", "distance", "prompt", "copied", "stranger", "seconds")
_HEADING = (
    "subject score",
    "first among look-alikes",
    "oracle distance",
    "scene read right",
    "copies",
    "nearest stranger",
    "seconds",
)


def draw_pictures(folder: Path, rows: list[Row], kit: Kit, seed: int) -> None:
    """Write what the rows allow."""
    proposal = Rows.of_part(rows, "proposal")
    (folder / "oneactor-methods.md").write_text(write_tables(rows))
    if len(proposal):
        _draw_curves(rows, folder / "oneactor-curves.png")
        _draw_sheet(proposal, kit).save(folder / "oneactor-sheet.png", optimize=True)


def write_tables(rows: list[Row]) -> str:
    """Return Markdown tables: methods by track, ablations, and the settings that were tried on validation subjects."""
    lines = ["<!-- Written by `troupe bench oneactor`: do not edit. -->"]
    for part, track in (("proposal", "proposal"), *(("uploads", track) for track in UPLOADS.values())):
        own = Rows.of_part(rows, part)
        if len(own):
            own = own.where(main=1.0, track=track)
            lines += ["", f"**{track} track**, means over pictures", *_table("method", _by("method", _ALL), own)]
    ablations = Rows.of_part(rows, "ablations")
    if len(ablations):
        names = tuple(ablation.name for ablation in ABLATIONS)
        lines += ["", "**OneActor, one setting changed at a time**", *_table("setting", _by("ablation", names), ablations)]
    for part, given in (("search", "a proposal"), ("search uploads", "four uploads")):
        search = Rows.of_part(rows, part)
        for method, rates in SEARCH.items() if len(search) else ():
            lines += ["", f"**{method}, learning rates and steps tried on {given} of validation subjects**"]
            tries = [(f"{rate:g}, {mark} steps", {"learningRate": rate, "steps": mark}) for rate in rates for mark in MARKS]
            lines += _table("learning rate", tries, search.where(method=method))
    return "\n".join(lines) + "\n"


def _by(field: str, values: tuple[str, ...]) -> list[tuple[str, dict[str, Any]]]:
    return [(value, {field: value}) for value in values]


def _table(title: str, lines_of: list[tuple[str, dict[str, Any]]], rows: Rows) -> list[str]:
    """Return a table with a line for each (name, what picks its rows)."""
    lines = [f"| {title} | {' | '.join(_HEADING)} | n |", f"|---{'|---' * (len(_HEADING) + 1)}|"]
    for name, wanted in lines_of:
        own = rows.where(**wanted)
        if len(own):
            cells = [f"{mean(field)(own):.3f}" if field in own.columns else "–" for field in _FIELDS]
            lines.append(f"| {name} | {' | '.join(cells)} | {len(own)} |")
    return lines


def _draw_curves(rows: list[Row], path: Path) -> None:
    figure = Figure(figsize=(9, 3.6), dpi=110, layout="constrained")
    trade, time = figure.subplots(1, 2)
    proposal, search = Rows.of_part(rows, "proposal"), Rows.of_part(rows, "search")
    for method in _ALL:
        own = proposal.where(method=method, seed=0.0)
        strengths = sorted(set(own["strength"][~np.isnan(own["strength"])])) if "strength" in own.columns else []
        points = [own.where(strength=strength) for strength in strengths] or [own]
        _draw_curve(trade, method, "prompt", points)
    trade.set(xlabel="scene read right", ylabel="subject score", title="over each method's strength")
    trade.legend(frameon=False, fontsize=8)
    for method, plan in METHODS.items() if len(search) else ():
        own = search.where(method=method, learningRate=plan.tried["proposal"][0])
        marks = [own.where(steps=mark) for mark in sorted(set(own["steps"]))]
        _draw_curve(time, method, "seconds", marks)
    time.set(xlabel="seconds of tuning", ylabel="subject score", title="validation subjects")
    figure.savefig(path, metadata={"Software": None})


def _draw_curve(axes: Axes, method: str, across: str, points: list[Rows]) -> None:
    """Draw a method's subject score over another mean of the same rows, in the colour it has in every plot."""
    at, scores = ([mean(field)(rows) for rows in points] for field in (across, "similarity"))
    axes.plot(at, scores, "o-", label=method, color=f"C{_ALL.index(method)}")


def _draw_sheet(proposal: Rows, kit: Kit) -> Image.Image:
    """Return rows of subjects, the first by hash, failures included: what was learned from, then each method's scenes."""
    subjects = sorted(set(proposal["subject"]), key=lambda name: hashlib.sha256(name.encode()).hexdigest())[:ROWS]
    columns = [("learned from", None), *[(method, scene) for method in _ALL for scene in range(SCENES_SHOWN)]]
    sheet = Image.new("RGB", (len(columns) * CELL, len(subjects) * CELL + LINE), "white")
    pen = ImageDraw.Draw(sheet)
    for column, (method, scene) in enumerate(columns):
        pen.text((column * CELL + 3, 2), method, fill="black", font_size=12)
        for row, subject in enumerate(subjects):
            path = kit.picture_path(f"oneactor/{subject}", "reference" if scene is None else f"{method}-{scene}")
            if path.exists():
                sheet.paste(Image.open(path), (column * CELL, LINE + row * CELL))
    return sheet
