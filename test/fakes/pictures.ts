import { CallerError } from '../../functions/_shared/errors.ts';
import { sha256 } from '../../functions/_shared/hash.ts';
import type { Encoder, EnlargePicture, Pictures } from '../../functions/_shared/ports.ts';

/** Pictures as text: `mina waving` is a picture of mina. A text that begins with `damaged` cannot be decoded. */
export const fakePictures: Pictures = {
  async sanitise(bytes) {
    const text = Buffer.from(bytes).toString();
    if (text.startsWith('damaged')) throw new CallerError('picture_damaged', 'The picture is damaged.');
    return { png: Buffer.from(`png of ${text}`), width: 128, height: 128 };
  },
  // No two fakes look alike, and all are sharp.
  look: async (png) => ({ hash: sha256(png).slice(0, 16), sharpness: 30 }),
};

/** An upscaler of such pictures. */
export const fakeEnlargePicture: EnlargePicture = async (png) => Buffer.from(`large ${Buffer.from(png)}`);

export const DIMENSIONS = 8;

/** An encoder that looks at the subject’s name (the first word) and a little at the rest. */
export function createFakeEncoder(version = '1'): Encoder {
  return {
    id: async () => `fake@${version}`,
    async embed(png) {
      const [subject = '', ...rest] = Buffer.from(png).toString().replace('png of ', '').split(' ');
      return unit(direction(subject).map((value, index) => value + 0.1 * (direction(rest.join(' '))[index] ?? 0)));
    },
  };
}

/** A direction that depends on a text alone. */
function direction(text: string): Float32Array {
  let state = [...text].reduce((sum, letter) => (Math.imul(sum, 31) + letter.charCodeAt(0)) >>> 0, 7);
  return Float32Array.from({ length: DIMENSIONS }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 31 - 1;
  });
}

export function unit(vector: Float32Array): Float32Array {
  const length = Math.hypot(...vector);
  return vector.map((value) => value / length);
}
