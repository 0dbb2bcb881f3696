"""E1d: what people see in drawn pictures, blind, beside what the oracle reads. `python -m troupe_bench label` makes the sheets;
`bench/labels.json` holds the answers: {"seed": …, "base": digest, "answers": {"0007": {"kind": "girl", …}}}. An attribute that
cannot be told is left out."""

import json
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from paperdoll.sight.names import ATTRIBUTES
from PIL import Image, ImageDraw

from troupe_bench.base.prompts import BATCH, draw_drawings, drawing_path, picture_name
from troupe_bench.bench import Part, Unit
from troupe_bench.claims import Claim
from troupe_bench.kit import Kit
from troupe_bench.measures import missing
from troupe_bench.rows import Row
from troupe_bench.sight import main_figure

LABELS = Path("bench/labels.json")
PICTURES, PER_UNIT = 150, 30
_COLUMNS, _ROWS, _CELL, _LINE = 6, 5, 256, 22


def draw_missing(kit: Kit, seed: int, indices: Iterable[int]) -> None:
    """Draw those drawings of the prompts that are not kept yet, a batch at a time."""
    missing = [index for index in indices if not drawing_path(kit, seed, index).exists()]
    for at in range(0, len(missing), BATCH):
        draw_drawings(kit, seed, missing[at : at + BATCH])


def find_picture(kit: Kit, seed: int, index: int) -> np.ndarray:
    """Return drawing `index`, from what is kept or drawn again."""
    draw_missing(kit, seed, [index])
    return np.asarray(Image.open(drawing_path(kit, seed, index)).convert("RGB"))


def make_sheets(kit: Kit, seed: int, folder: Path) -> list[Path]:
    """Write grids of numbered pictures without a word of what was asked, and an empty file of answers beside them."""
    folder.mkdir(parents=True, exist_ok=True)
    draw_missing(kit, seed, range(PICTURES))
    paths = []
    per_sheet = _COLUMNS * _ROWS
    for first in range(0, PICTURES, per_sheet):
        sheet = Image.new("RGB", (_COLUMNS * _CELL, _ROWS * (_CELL + _LINE)), "white")
        pen = ImageDraw.Draw(sheet)
        for place in range(min(per_sheet, PICTURES - first)):
            left, top = place % _COLUMNS * _CELL, place // _COLUMNS * (_CELL + _LINE)
            picture = Image.fromarray(find_picture(kit, seed, first + place))
            sheet.paste(picture.resize((_CELL, _CELL), Image.Resampling.NEAREST), (left, top + _LINE))
            pen.text((left + 4, top + 2), picture_name(first + place), fill="black", font_size=16)
        paths.append(folder / f"sheet-{first // per_sheet + 1}.png")
        sheet.save(paths[-1])
    empty = {"seed": seed, "base": kit.base_ref.digest, "answers": {picture_name(index): {} for index in range(PICTURES)}}
    (folder / "labels.json").write_text(json.dumps(empty, indent=1) + "\n")
    (folder / "words.json").write_text(json.dumps(ATTRIBUTES, indent=1) + "\n")
    return paths


def read_answers(kit: Kit, seed: int, file: Path = LABELS) -> dict[str, dict[str, str]]:
    """Return the answers; those to other drawings, or in words the world does not have, are refused."""
    labels = json.loads(file.read_text())
    if (labels["seed"], labels["base"]) != (seed, kit.base_ref.digest):
        raise ValueError(f"{file} answers for drawings of another base model or seed: make the sheets anew")
    for number, answer in labels["answers"].items():
        for name, value in answer.items():
            if value not in ATTRIBUTES.get(name, ()):
                raise ValueError(f"{file}, picture {number}: {name} is {value!r}, which is no word of the world")
    return labels["answers"]


def measure_labels(unit: Unit, kit: Kit, seed: int) -> list[Row]:
    """Return a row a picture: what was told by eye, and where the oracle reads otherwise."""
    answers, rows = read_answers(kit, seed), []
    for index in range(unit.index * PER_UNIT, (unit.index + 1) * PER_UNIT):
        told = answers.get(picture_name(index), {})
        if not told:
            continue
        seen = main_figure(kit.oracle.read(find_picture(kit, seed, index)[None])[0])
        wrong = [name for name, value in told.items() if seen is None or seen.words[name] != value]
        there = {name for name, value in told.items() if value != "none"}
        rows.append(
            {
                "subject": picture_name(index),
                "told": sorted(told),
                "wrong": sorted(wrong),
                "nTold": len(told),
                "nWrong": len(wrong),
                "nThere": len(there),
                "nWrongThere": len(there.intersection(wrong)),
            }
        )
    return rows


PARTS = (
    Part(
        "labels",
        measure_labels,
        (
            Claim(
                "E1d",
                "The oracle agrees with what people see in the base model's drawings, blind",
                ">=",
                0.9,
                "share",
                missing("nWrong", "nTold"),
            ),
            Claim(
                "E1j",
                "Of these, what people saw there: “no hat”, “no glasses” left aside",
                ">=",
                None,
                "share",
                missing("nWrongThere", "nThere"),
            ),
        ),
        units=PICTURES // PER_UNIT,
        quick_units=1,
        uses=("labels", "oracle", "base"),
        version=2,
    ),
)
