import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { cosine } from '../../../functions/_rules/index.ts';
import { createOnnxEncoder } from '../../../functions/_shared/onnx-encoder.ts';

const encoder = createOnnxEncoder('test/fixtures/identity');
const plain = (width: number, height: number, background: string) =>
  sharp({ create: { width, height, channels: 3, background } })
    .png()
    .toBuffer();

describe('the encoder', () => {
  it('names itself by its card', async () => {
    expect(await encoder.id()).toBe('tiny@1');
  });

  it('gives a vector of unit length, the same for the same picture at any size', async () => {
    const [small, large] = [
      await encoder.embed(await plain(128, 128, '#ff8040')),
      await encoder.embed(await plain(640, 640, '#ff8040')),
    ];
    expect(small).toHaveLength(128);
    expect(Math.hypot(...small)).toBeCloseTo(1, 5);
    expect(cosine(small, large)).toBeCloseTo(1, 5);
  });

  it('reads red before green before blue, in 0..1', async () => {
    // The first 64 numbers are the red of an 8 by 8 grid, less a half; the rest are its green.
    const vector = await encoder.embed(await plain(128, 128, '#ff0000'));
    expect(vector[0]).toBeCloseTo(1 / Math.sqrt(128), 5);
    expect(vector[64]).toBeCloseTo(-1 / Math.sqrt(128), 5);
  });

  it('pads what is not square with the grey of its card, and does not stretch it', async () => {
    // Grey of 128 is 128/255 - 0.5 after the centring: next to nothing beside white.
    const vector = await encoder.embed(await plain(64, 128, '#ffffff'));
    expect(Math.abs(vector[0] ?? 1)).toBeLessThan(0.002);
    expect(vector[4]).toBeGreaterThan(0.1);
  });

  it('that is not where it should be is an error, and not a vector', async () => {
    await expect(createOnnxEncoder('/nowhere').id()).rejects.toThrow('/nowhere/encoder.json');
  });
});
