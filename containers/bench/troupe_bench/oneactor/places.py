"""Places: the world's background that a picture's own is nearest to, where its figure is not.

The oracle reads figures alone. On 200 renders of the test split this names every place, with true masks.
Shape letters: H and W sides, P backgrounds."""

from functools import cache

import numpy as np
from numpy.typing import NDArray
from paperdoll import vocabulary as words
from paperdoll.drawing import draw
from paperdoll.identity import Scene

_CELLS, _VARIATIONS = 16, 3
_FREE = 0.75  # of a cell that must lie outside the figure


def read_place(image_HWC: NDArray[np.uint8], mask_HW: NDArray[np.bool_]) -> str | None:
    """Return the name of the place, None where the figure leaves nothing to be seen of it."""
    free = _means(~mask_HW[..., None])[..., 0] >= _FREE
    if not free.any():
        return None
    names, backgrounds_PHWC = _draw_backgrounds()
    apart_P = np.abs(backgrounds_PHWC[:, free] - _means(image_HWC)[free]).sum((1, 2))
    return names[int(apart_P.argmin())]


@cache
def _draw_backgrounds() -> tuple[list[str], NDArray[np.float64]]:
    """Return every place as the world draws it without anybody, in each framing."""
    scenes = [
        Scene(place, framing, variation=variation)
        for place in words.PLACES
        for framing in words.FRAMINGS
        for variation in range(_VARIATIONS)
    ]
    return [scene.place for scene in scenes], np.stack([_means(draw((), scene, 8 * _CELLS).image) for scene in scenes])


def _means(image_HWC: NDArray) -> NDArray[np.float64]:
    """Return (16, 16, C): the mean of each cell."""
    side = image_HWC.shape[0] // _CELLS
    return image_HWC.reshape(_CELLS, side, _CELLS, side, -1).mean((1, 3), dtype=np.float64)
