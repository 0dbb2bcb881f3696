"""The base bench: the instruments that everything else is measured with, and the base model that everything is built on."""

from troupe_bench.base import encoder, labels, model, oracle, paste, prompts, reader, upscaler
from troupe_bench.base.pictures import draw_pictures
from troupe_bench.bench import Bench
from troupe_bench.kit import Kit

BENCH = Bench(
    "base",
    (*oracle.PARTS, *labels.PARTS, *encoder.PARTS, *reader.PARTS, *prompts.PARTS, *model.PARTS, *upscaler.PARTS, *paste.PARTS),
    Kit,
    draw_pictures,
)
