"""onnxruntime-node, which the functions run, gives the vectors that onnxruntime gives, which the bench runs."""

import json
import subprocess
from pathlib import Path

import numpy as np
from paperdoll.drawing import draw
from troupe_bench.kit import Kit
from troupe_bench.subjects import make_rng, pick_identity, sample_view
from troupe_bench.truth import SIZE

ROOT = Path(__file__).parents[3]
SCRIPT = """
import { readFileSync } from "node:fs";
import { InferenceSession, Tensor } from "onnxruntime-node";
const [model, file, input, output, size] = process.argv.slice(1);
const bytes = readFileSync(file);
const pixels = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
const count = pixels.length / (3 * size * size);
const session = await InferenceSession.create(model);
const made = await session.run({ [input]: new Tensor("float32", pixels, [count, 3, Number(size), Number(size)]) });
process.stdout.write(JSON.stringify(Array.from(made[output].data)));
"""


def test_both_runtimes_agree_on_the_committed_encoder(tmp_path: Path):
    encoder = Kit(tmp_path, ROOT / "models").encoder
    views = [sample_view(pick_identity(3, index), make_rng(3, index)) for index in range(6)]
    images = np.stack([draw((figure,), scene, SIZE).image for figure, scene in views])
    pixels = np.ascontiguousarray(images.transpose(0, 3, 1, 2).astype("<f4") / 255)
    (tmp_path / "pixels.bin").write_bytes(pixels.tobytes())
    card, told = encoder.card, [str(ROOT / "models" / "identity" / "encoder.onnx"), str(tmp_path / "pixels.bin")]
    command = ["node", "--input-type=module", "-e", SCRIPT, "--", *told, card["input"], card["output"], str(card["size"])]
    made = json.loads(subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT).stdout)
    assert np.abs(np.array(made).reshape(len(images), -1) - encoder.embed(images)).max() < 1e-4
