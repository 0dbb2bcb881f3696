"""Numbered pictures with captions on disk: a memory map that processes fill together and that a broken run goes on with."""

import json
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from paperdoll.captions import DETAILS, attributes, caption
from paperdoll.drawing import draw
from paperdoll.sampling import sample_scene

BLOCK = 1000  # pictures a process draws before it says so; also the unit of resuming
_DETAIL_SHARES = (0.08, 0.24, 0.34, 0.34)


@dataclass(frozen=True)
class DatasetSettings:
    """What decides every byte of a data set."""

    num_pictures: int
    size: int
    split: str
    seed: int


def sample_numbered(settings: DatasetSettings, number: int):
    """Return figures, scene, caption and detail of picture `number`: it never depends on the others."""
    rng = np.random.Generator(np.random.PCG64([settings.seed, number]))
    figures, scene = sample_scene(rng, settings.split)
    detail = DETAILS[int(rng.choice(len(DETAILS), p=_DETAIL_SHARES))]
    return figures, scene, caption(figures, scene, detail, rng), detail


def _draw_block(folder: str, settings: DatasetSettings, block: int) -> int:
    start, end = block * BLOCK, min((block + 1) * BLOCK, settings.num_pictures)
    pictures = np.load(Path(folder) / "pictures.npy", mmap_mode="r+")
    lines = []
    for number in range(start, end):
        figures, scene, text, detail = sample_numbered(settings, number)
        pictures[number] = draw(figures, scene, settings.size).image
        lines.append(json.dumps({"number": number, "caption": text, "detail": detail, "attributes": attributes(figures, scene)}))
    pictures.flush()
    # Written last and whole: a block counts as drawn only when its captions are there.
    part = Path(folder) / "blocks" / f"{block:06d}.jsonl"
    part.with_suffix(".part").write_text("\n".join(lines) + "\n")
    part.with_suffix(".part").rename(part)
    return end - start


def make_dataset(
    folder: Path, settings: DatasetSettings, processes: int = 2, on_drawn: Callable[[int], None] = lambda count: None
) -> None:
    """Draw `pictures.npy` (N, H, W, 3) uint8 and `captions.jsonl`; call again to go on where a run broke off."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "blocks").mkdir(exist_ok=True)
    about = folder / "settings.json"
    if about.exists():
        if (found := json.loads(about.read_text())) != asdict(settings):
            raise ValueError(f"{folder} holds another data set: {found}, not {asdict(settings)}")
    else:
        shape = (settings.num_pictures, settings.size, settings.size, 3)
        np.lib.format.open_memmap(folder / "pictures.npy", mode="w+", dtype=np.uint8, shape=shape).flush()
        about.write_text(json.dumps(asdict(settings)))
    num_blocks = -(-settings.num_pictures // BLOCK)
    missing = [block for block in range(num_blocks) if not (folder / "blocks" / f"{block:06d}.jsonl").exists()]
    on_drawn(settings.num_pictures - sum(min((block + 1) * BLOCK, settings.num_pictures) - block * BLOCK for block in missing))
    with ProcessPoolExecutor(processes) as pool:
        for task in [pool.submit(_draw_block, str(folder), settings, block) for block in missing]:
            on_drawn(task.result())
    with (folder / "captions.jsonl").open("w") as joined:
        for block in range(num_blocks):
            joined.write((folder / "blocks" / f"{block:06d}.jsonl").read_text())
