import { Tensor } from 'onnxruntime-node';
import { EncoderCard } from '../../lib/contracts/index.ts';
import { letterbox } from './letterbox.ts';
import { openNet } from './onnx-net.ts';
import type { Encoder } from './ports.ts';

/** The identity encoder of a folder. */
export function createOnnxEncoder(folder: string): Encoder {
  const ready = openNet(folder, 'encoder', EncoderCard);
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
