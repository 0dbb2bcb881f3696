import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { sha256 } from '../../../functions/_shared/hash.ts';
import { createOnnxEncoder } from '../../../functions/_shared/onnx-encoder.ts';
import { createOnnxReader } from '../../../functions/_shared/onnx-reader.ts';
import { createSharpPictures } from '../../../functions/_shared/sharp-pictures.ts';

/**
 * `node ours.ts <encoder folder> <reader folder>`: reads paths on standard input and does to each what ingest does between reading
 * the upload and writing the reference. One JSON line each: milliseconds, and the vector, by which the runner sees that the work was done.
 */
const pictures = createSharpPictures();
const encoder = createOnnxEncoder(process.argv[2] ?? '');
const readFigures = createOnnxReader(process.argv[3] ?? '');
for await (const path of createInterface({ input: process.stdin })) {
  const began = performance.now();
  const { png } = await pictures.sanitise(await readFile(path), 'image/jpeg');
  const vector = await encoder.embed(png);
  const figures = await readFigures(png);
  const digest = sha256(png);
  const look = await pictures.look(png);
  const milliseconds = performance.now() - began;
  process.stdout.write(
    `${JSON.stringify({ milliseconds, vector: [...vector], digest, ...look, figures: figures.length, bytes: png.length })}\n`,
  );
}
