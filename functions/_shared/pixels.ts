import sharp, { type OutputInfo, type Sharp } from 'sharp';

/** Pixels of a picture, row by row, `info.channels` bytes each. */
export interface Pixels {
  data: Buffer;
  info: Pick<OutputInfo, 'width' | 'height' | 'channels'>;
}

/** Decoding a PNG is most of the work on it, and several look at one picture: while its bytes are held, so are its pixels. */
const kept = new WeakMap<Uint8Array, Promise<Pixels>>();

/** Say what the pixels of a PNG are that was just made of them. */
export function keepPixels(png: Uint8Array, pixels: Pixels): void {
  kept.set(png, Promise.resolve(pixels));
}

/** The sRGB pixels of a PNG, decoded at most once. Never written to: whoever asks next gets the same. */
export function pixelsOf(png: Uint8Array): Promise<Pixels> {
  const known = kept.get(png) ?? sharp(png).toColourspace('srgb').raw().toBuffer({ resolveWithObject: true });
  kept.set(png, known);
  return known;
}

/** Pixels as the beginning of a pipeline. */
export const openPixels = ({ data, info: { width, height, channels } }: Pixels): Sharp =>
  sharp(data, { raw: { width, height, channels } });

/** RGB bytes, pixel by pixel, as a net takes them: (3, H, W) in 0..1. */
export function planesOf(rgb: Uint8Array): Float32Array {
  const area = rgb.length / 3;
  const planes = new Float32Array(rgb.length);
  for (let pixel = 0; pixel < area; pixel += 1) {
    for (let channel = 0; channel < 3; channel += 1) {
      planes[channel * area + pixel] = (rgb[pixel * 3 + channel] ?? 0) / 255;
    }
  }
  return planes;
}
