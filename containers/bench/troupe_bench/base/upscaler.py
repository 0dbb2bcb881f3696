"""E5: the upscaler beside bicubic enlargement, against the world drawn at the larger size."""

import numpy as np
from paperdoll.drawing import draw
from PIL import Image

from troupe_bench.bench import Part, Unit
from troupe_bench.claims import Claim
from troupe_bench.generate import psnr
from troupe_bench.kit import Kit
from troupe_bench.measures import less, mean
from troupe_bench.rows import Row
from troupe_bench.subjects import make_rng, name_subject, pick_identity, sample_view
from troupe_bench.truth import SIZE

PER_UNIT = 10


def measure_upscaler(unit: Unit, kit: Kit, seed: int) -> list[Row]:
    """Return a row a render: PSNR of the enlarged picture, by the upscaler and by bicubic."""
    rows = []
    for index in range(unit.index * PER_UNIT, (unit.index + 1) * PER_UNIT):
        identity = pick_identity(seed, 30_000 + index)
        figure, scene = sample_view(identity, make_rng(seed, 13, index))
        small = draw((figure,), scene, SIZE).image
        large = kit.upscaler.enlarge(small[None])[0]
        side = large.shape[0]
        wanted = draw((figure,), scene, side).image
        bicubic = np.asarray(Image.fromarray(small).resize((side, side), Image.Resampling.BICUBIC))
        rows.append({"subject": name_subject(identity), "psnr": psnr(large, wanted), "psnrBicubic": psnr(bicubic, wanted)})
    return rows


PARTS = (
    Part(
        "upscaler",
        measure_upscaler,
        (
            Claim(
                "E5",
                "PSNR of the upscaler over bicubic, against the world drawn at that size",
                ">=",
                3.0,
                "dB",
                less(mean("psnr"), mean("psnrBicubic")),
            ),
        ),
        units=10,
        quick_units=2,
        uses=("upscaler",),
    ),
)
