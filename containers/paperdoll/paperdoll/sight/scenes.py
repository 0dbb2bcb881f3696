"""Pictures with their truth on disk, for eyes to learn from: drawn once.

Shape letters: N pictures, S figure slots from left to right, K keypoints, A attributes, H and W sides."""

import json
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from paperdoll.drawing import draw
from paperdoll.drawing.parts import HELD
from paperdoll.sampling import sample_scene
from paperdoll.sight.names import ATTRIBUTES, CHOICE_TRAITS, KEYPOINTS, NUMBERS, SLOTS, code_attributes, code_traits
from paperdoll.train.checkpoint import open_map

SIZE, MAP = 128, 64
WORN = "worn.npy"
_BLOCK = 500


@dataclass(frozen=True)
class SceneSettings:
    """What decides every byte of a set."""

    count: int
    split: str
    seed: int


def _columns(count: int) -> dict[str, tuple[type[np.generic], tuple[int, ...]]]:
    return {
        "images": (np.uint8, (count, SIZE, SIZE, 3)),
        "owners": (np.uint8, (count, MAP, MAP)),  # 0 nobody, then the slot from 1
        "parts": (np.uint8, (count, MAP, MAP)),
        "present": (np.bool_, (count, SLOTS)),
        "boxes": (np.float32, (count, SLOTS, 4)),  # left, top, right, bottom in 0..1
        "heads": (np.float32, (count, SLOTS, 4)),
        "keypoints": (np.float32, (count, SLOTS, len(KEYPOINTS), 3)),  # x, y in 0..1, seen
        "attributes": (np.int64, (count, SLOTS, len(ATTRIBUTES))),
        "numbers": (np.float32, (count, SLOTS, len(NUMBERS))),
        "choices": (np.int64, (count, SLOTS, len(CHOICE_TRAITS))),
    }


class Scenes:
    """The set in `folder`: one array a column, all of the same length; `worn` (N, H, W, 3) is what `worn.py` made of the first N
    images, nothing where it was not run."""

    def __init__(self, folder: Path) -> None:
        self.settings = SceneSettings(**json.loads((folder / "settings.json").read_text()))
        self.columns = {
            name: open_map(folder / f"{name}.npy", kind, shape) for name, (kind, shape) in _columns(self.settings.count).items()
        }
        path = folder / WORN
        self.worn = np.load(path, mmap_mode="r") if path.exists() else self.images[:0]

    def __len__(self) -> int:
        return self.settings.count

    def __getattr__(self, name: str) -> np.ndarray:
        try:
            return self.__dict__["columns"][name]
        except KeyError as error:
            raise AttributeError(name) from error


def draw_scenes(folder: Path, settings: SceneSettings, processes: int = 2, on_drawn=lambda count: None) -> Scenes:
    """Draw the set; call again to go on where a run broke off."""
    folder.mkdir(parents=True, exist_ok=True)
    about = folder / "settings.json"
    if about.exists() and json.loads(about.read_text()) != asdict(settings):
        raise ValueError(f"{folder} holds another set than {settings}")
    about.write_text(json.dumps(asdict(settings)))
    Scenes(folder)  # the arrays are made before processes share them
    done = open_map(folder / "done.npy", np.bool_, (-(-settings.count // _BLOCK),))
    missing = [block for block in range(len(done)) if not done[block]]
    on_drawn(int(done.sum()) * _BLOCK)
    with ProcessPoolExecutor(processes) as pool:
        for block, count in zip(missing, pool.map(_draw_block, [folder] * len(missing), missing), strict=True):
            done[block] = True
            on_drawn(count)
    return Scenes(folder)


def _draw_block(folder: Path, block: int) -> int:
    scenes = Scenes(folder)
    numbers = range(block * _BLOCK, min((block + 1) * _BLOCK, len(scenes)))
    for number in numbers:
        for name, value in draw_entry(scenes.settings, number).items():
            scenes.columns[name][number] = value
    return len(numbers)


def draw_entry(settings: SceneSettings, number: int) -> dict[str, np.ndarray]:
    """Return the columns of picture `number`: it never depends on the others."""
    rng = np.random.Generator(np.random.PCG64([settings.seed, number, 8]))
    figures, scene = sample_scene(rng, settings.split)
    return read_entry(figures, scene)


def read_entry(figures, scene) -> dict[str, np.ndarray]:
    """Draw a picture and return it with its truth, as columns."""
    picture = draw(figures, scene, SIZE, truth=True)
    entry = {name: np.zeros(shape[1:], kind) for name, (kind, shape) in _columns(1).items()}
    entry["images"] = picture.image
    half = SIZE // MAP
    seen = [pair for pair in zip(figures, picture.truth, strict=True) if pair[1].box is not None]
    for slot, (figure, truth) in enumerate(sorted(seen, key=lambda pair: pair[0].x)):
        parts = truth.part_map[half // 2 :: half, half // 2 :: half]
        entry["owners"][(parts > 0) & (parts != HELD)] = slot + 1  # a mug is not its holder
        entry["parts"][parts > 0] = parts[parts > 0]
        entry["present"][slot] = True
        entry["boxes"][slot] = np.array(truth.box) / SIZE
        entry["heads"][slot] = _head_box(truth) / SIZE
        for index, name in enumerate(KEYPOINTS):
            x, y, visible = truth.keypoints[name]
            entry["keypoints"][slot, index] = (x / SIZE, y / SIZE, visible)
        entry["attributes"][slot] = code_attributes(figure, scene)
        entry["numbers"][slot], entry["choices"][slot] = code_traits(figure)
    return entry


def _head_box(truth) -> np.ndarray:
    rows, columns = np.flatnonzero(truth.head_mask.any(1)), np.flatnonzero(truth.head_mask.any(0))
    if not len(rows):
        return np.array(truth.box, np.float32)
    return np.array([columns[0], rows[0], columns[-1] + 1, rows[-1] + 1], np.float32)
