import { openPixels, pixelsOf, planesOf } from './pixels.ts';

/** What a net’s card says of the pictures it takes. */
export interface Square {
  /** Side in pixels. */
  size: number;
  /** Red, green and blue, in 0..255, of what the picture does not fill. */
  pad: readonly [number, number, number];
}

/** Several nets look at one square: while the bytes of its picture are held, it is. */
const kept = new WeakMap<Uint8Array, Map<string, Promise<Float32Array>>>();

/** A picture as (3, size, size), RGB in 0..1, scaled to fit and padded. Never written to: whoever asks next gets the same. */
export function letterbox(png: Uint8Array, square: Square): Promise<Float32Array> {
  const known = kept.get(png) ?? new Map<string, Promise<Float32Array>>();
  kept.set(png, known);
  const key = `${square.size} ${square.pad}`;
  const pixels = known.get(key) ?? readPixels(png, square);
  known.set(key, pixels);
  return pixels;
}

async function readPixels(png: Uint8Array, { size, pad: [r, g, b] }: Square): Promise<Float32Array> {
  const bytes = await openPixels(await pixelsOf(png))
    .resize({ width: size, height: size, fit: 'contain', background: { r, g, b } })
    .removeAlpha()
    .toColourspace('srgb')
    .raw()
    .toBuffer();
  return planesOf(bytes);
}
