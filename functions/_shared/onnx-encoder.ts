import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { EncoderCard } from '../../lib/contracts/index.ts';
import { letterbox } from './letterbox.ts';
import type { Encoder } from './ports.ts';

/** The identity encoder, by ONNX Runtime on the CPU. Loaded when it is first needed, then kept. */
export function createOnnxEncoder(folder: string): Encoder {
  // Relative to the bundle: a function need not have been started in it.
  const path = resolve(process.env.LAMBDA_TASK_ROOT ?? '.', folder);
  let loading: Promise<{ card: EncoderCard; session: InferenceSession }> | undefined;
  const load = async () => {
    const card = EncoderCard.parse(JSON.parse(await readFile(`${path}/encoder.json`, 'utf8')));
    const session = await InferenceSession.create(`${path}/encoder.onnx`, {
      intraOpNumThreads: 1,
      interOpNumThreads: 1,
    });
    return { card, session };
  };
  const ready = () => {
    loading ??= load();
    return loading;
  };
  return {
    async id() {
      const { card } = await ready();
      return `${card.name}@${card.version}`;
    },
    async embed(png) {
      const { card, session } = await ready();
      const pixels = await letterbox(png, card);
      const input = new Tensor('float32', pixels, [1, 3, card.size, card.size]);
      const { [card.output]: output } = await session.run({ [card.input]: input });
      if (!output || output.data.length !== card.dimensions) {
        throw new Error(`the encoder gave ${output?.data.length} numbers; its card says ${card.dimensions}`);
      }
      return Float32Array.from(output.data as Float32Array);
    },
  };
}
