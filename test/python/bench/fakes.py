"""Sight that knows the truth of what was drawn in this process: what a perfect instrument would read."""

import numpy as np
from paperdoll.captions import attributes
from paperdoll.drawing import draw
from paperdoll.identity import Figure, Identity, Outfit, Scene
from paperdoll.sight.names import KEYPOINTS
from troupe_bench.sight import Seen
from troupe_bench.truth import SIZE, see_truth


class TruthSight:
    """Reads pictures it was shown with their truth, by their bytes; sees nobody in any other."""

    keypoints = KEYPOINTS

    def __init__(self) -> None:
        self.known: dict[bytes, list[Seen]] = {}

    def draw(self, figures, scene, size: int = SIZE, truth: bool = False):
        """Stands in for `draw` in the module under test, so that every picture it draws is known."""
        picture = draw(figures, scene, size, truth=True)
        self.known[picture.image.tobytes()] = see_truth(figures, scene, picture)
        return picture

    def read(self, pixels_BHWC: np.ndarray) -> list[list[Seen]]:
        return [self.known.get(image.tobytes(), []) for image in pixels_BHWC]


class BlurEncoder:
    """Pictures to unit vectors of their coarse colours."""

    def embed(self, pixels_BHWC: np.ndarray) -> np.ndarray:
        side = pixels_BHWC.shape[1] // 4
        cells = pixels_BHWC.reshape(len(pixels_BHWC), 4, side, 4, side, 3).mean((2, 4)).reshape(len(pixels_BHWC), -1) - 127
        return (cells / np.linalg.norm(cells, axis=1, keepdims=True)).astype(np.float32)


class SameFigure:
    """Sees the same figure in every picture."""

    keypoints = KEYPOINTS

    def read(self, pixels_BHWC: np.ndarray) -> list[list[Seen]]:
        box = np.array([0.2, 0.1, 0.8, 0.9], np.float32)
        points = np.full((len(KEYPOINTS), 3), 0.6, np.float32)
        outfit = Outfit("coat", "red", "plain", "trousers", "blue")
        figure = Figure(Identity("girl", "light", "bob", "red", "blue"), outfit, "waving", "laughing")
        words = attributes((figure,), Scene("park", "half body"))
        return [[Seen(box, box, np.ones((64, 64), bool), points, words)] for _ in pixels_BHWC]
