import { type InferenceSession, Tensor } from 'onnxruntime-node';
import { ReaderCard } from '../../lib/contracts/index.ts';
import { letterbox } from './letterbox.ts';
import { openNet } from './onnx-net.ts';
import { pixelsOf } from './pixels.ts';
import type { ReadFigures, SeenFigure } from './ports.ts';

/** What a reader was taught beside its figures: the grey of the encoder. */
const PAD = [128, 128, 128] as const;
/** From here on a figure is there, a pixel is its own, and a value is believed. */
const LIKELY = 0.5;

/** The reader of a folder. */
export function createOnnxReader(folder: string): ReadFigures {
  const ready = openNet(folder, 'reader', ReaderCard);
  return async (png) => {
    const { card, session } = await ready();
    const pixels = await letterbox(png, { size: card.size, pad: PAD });
    const input = new Tensor('float32', pixels, [1, 3, card.size, card.size]);
    // Only what is read here: boxes, parts and keypoints are for others.
    const wanted = ['present', 'masks', ...Object.keys(card.attributes).map((name) => `attribute.${name}`)];
    const { info } = await pixelsOf(png);
    return figuresOf(await session.run({ pixels: input }, wanted), card, fillOf(info.width, info.height));
  };
}

/** How much of the square a picture fills. */
const fillOf = (width: number, height: number): number => Math.min(width, height) / Math.max(width, height);

function figuresOf(outputs: InferenceSession.ReturnType, card: ReaderCard, fill: number): SeenFigure[] {
  const present = numbersOf(outputs, 'present');
  const slots = present.length;
  const masks = slicesOf(numbersOf(outputs, 'masks'), slots);
  const attributes = Object.entries(card.attributes).map(([name, values]) => {
    const logits = slicesOf(numbersOf(outputs, `attribute.${name}`), slots);
    return { name, values, logits };
  });
  return [...present.keys()]
    .filter((slot) => (present[slot] ?? 0) >= LIKELY)
    .map((slot) => {
      const mask = masks[slot] ?? new Float32Array();
      const own = mask.reduce((count, probability) => count + (probability >= LIKELY ? 1 : 0), 0);
      const said = attributes.flatMap(({ name, values, logits }) => {
        const value = likeliest(logits[slot] ?? new Float32Array(), values);
        return value === undefined ? [] : [[name, value]];
      });
      const share = Math.min(1, own / mask.length / fill);
      return { share: Math.round(share * 1_000) / 1_000, attributes: Object.fromEntries(said) };
    });
}

function numbersOf(outputs: InferenceSession.ReturnType, name: string): Float32Array {
  const output = outputs[name];
  if (!(output?.data instanceof Float32Array)) throw new Error(`the reader gave no numbers for ${name}`);
  return output.data;
}

const slicesOf = (numbers: Float32Array, count: number): Float32Array[] => {
  const length = numbers.length / count;
  return Array.from({ length: count }, (_, at) => numbers.subarray(at * length, (at + 1) * length));
};

/** The value whose softmax is at least `LIKELY`, if there is one. */
function likeliest(logits: Float32Array, values: readonly string[]): string | undefined {
  if (logits.length !== values.length) {
    throw new Error(`the reader gave ${logits.length} numbers where its card names ${values.length} values`);
  }
  const top = Math.max(...logits);
  const weights = [...logits].map((logit) => Math.exp(logit - top));
  const sum = weights.reduce((total, weight) => total + weight, 0);
  const at = weights.indexOf(1);
  return 1 / sum >= LIKELY ? values[at] : undefined;
}
