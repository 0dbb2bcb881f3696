"""Sight that knows the truth of what was drawn in this process: what a perfect instrument would read."""

import numpy as np
from paperdoll.drawing import draw
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
