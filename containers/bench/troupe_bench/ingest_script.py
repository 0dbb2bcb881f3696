"""What ingest does, as a script that people write: transformers, Pillow, onnxruntime, all at their defaults.

`python -m troupe_bench.ingest_script <encoder folder> <reader folder>` reads paths on standard input and answers each with one
JSON line: milliseconds, the identity vector, the digest of the PNG, how many figures are seen, and what was measured.
"""

import hashlib
import io
import json
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from PIL import Image, ImageFilter, ImageOps
from transformers import CLIPImageProcessor

LARGEST_SIDE, SHARPNESS_WIDTH = 2048, 256
LAPLACIAN = ImageFilter.Kernel((3, 3), (0, 1, 0, 1, -4, 1, 0, 1, 0), scale=1, offset=128)


def main(folder: Path, reader_folder: Path) -> None:
    """Answer every path on standard input."""
    card = json.loads((folder / "encoder.json").read_text())
    if json.loads((reader_folder / "reader.json").read_text())["size"] != card["size"]:
        raise ValueError("encoder and reader take pictures of different sizes: one square no longer serves both")
    size = card["size"]
    processor = CLIPImageProcessor(
        size={"height": size, "width": size}, do_center_crop=False, do_normalize=False, do_convert_rgb=True
    )
    session = onnxruntime.InferenceSession(folder / "encoder.onnx")
    reader = onnxruntime.InferenceSession(reader_folder / "reader.onnx")
    for line in sys.stdin:
        began = time.perf_counter()
        answer = _ingest(Path(line.strip()), card, processor, session, reader)
        answer["milliseconds"] = (time.perf_counter() - began) * 1000
        print(json.dumps(answer), flush=True)


def _ingest(
    path: Path,
    card: dict[str, Any],
    processor: Any,
    session: onnxruntime.InferenceSession,
    reader: onnxruntime.InferenceSession,
) -> dict[str, Any]:
    """Upright, RGB, no larger than needed, written again without metadata; then embedded and measured."""
    with Image.open(path) as opened:
        picture = ImageOps.exif_transpose(opened).convert("RGB")
    picture.thumbnail((LARGEST_SIDE, LARGEST_SIDE), Image.Resampling.LANCZOS)
    png = io.BytesIO()
    Image.frombytes("RGB", picture.size, picture.tobytes()).save(png, "PNG")
    square = ImageOps.pad(picture, (card["size"], card["size"]), color=tuple(card["pad"]))
    pixels = processor(square, return_tensors="np")["pixel_values"].astype(np.float32)
    (vector,) = session.run([card["output"]], {card["input"]: pixels})[0]
    names = [output.name for output in reader.get_outputs()]
    read = dict(zip(names, reader.run(names, {"pixels": pixels}), strict=True))
    grey = picture.convert("L")
    grid = np.asarray(grey.resize((9, 8), Image.Resampling.LANCZOS), np.int16)
    bits = "".join("01"[int(bit)] for bit in (np.diff(grid, axis=1) > 0).ravel())
    small = grey.resize((SHARPNESS_WIDTH, round(SHARPNESS_WIDTH * grey.height / grey.width)), Image.Resampling.LANCZOS)
    return {
        "vector": vector.tolist(),
        "digest": hashlib.sha256(png.getvalue()).hexdigest(),
        "hash": f"{int(bits, 2):016x}",
        "figures": int((read["present"][0] >= 0.5).sum()),
        "sharpness": float(np.asarray(small.filter(LAPLACIAN), np.float32).std()),
        "bytes": png.tell(),
    }


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
