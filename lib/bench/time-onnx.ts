import { readFileSync } from 'node:fs';
import { InferenceSession, Tensor } from 'onnxruntime-node';

/** `node time-onnx.ts <model> <pixels> <size> <runs>`: milliseconds of each run on one thread, as JSON. A process of its own: nothing else disturbs it. */
const [model = '', file = '', side = '', runs = ''] = process.argv.slice(2);
const size = Number(side);
const bytes = readFileSync(file);
const pixels = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
const session = await InferenceSession.create(model, { intraOpNumThreads: 1, interOpNumThreads: 1 });
const feeds = { pixels: new Tensor('float32', pixels, [1, 3, size, size]) };
const WARMING = 5;
const milliseconds: number[] = [];
for (let run = -WARMING; run < Number(runs); run++) {
  const began = performance.now();
  await session.run(feeds);
  if (run >= 0) milliseconds.push(performance.now() - began);
}
process.stdout.write(JSON.stringify(milliseconds));
