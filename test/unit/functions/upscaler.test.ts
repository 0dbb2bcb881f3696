import { cpSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { createOnnxUpscaler } from '../../../functions/_shared/onnx-upscaler.ts';

const enlarge = createOnnxUpscaler('test/fixtures/upscaler');

/** A picture of four quarters of one colour each, from the left above to the right below. */
const quarters = (width: number, height: number, colours: string[]) => {
  const [half, middle] = [width / 2, height / 2];
  const layers = colours.map((background, at) => ({
    input: { create: { width: half, height: middle, channels: 3 as const, background } },
    ...{ left: (at % 2) * half, top: Math.floor(at / 2) * middle },
  }));
  return sharp({ create: { width, height, channels: 3, background: 'white' } })
    .composite(layers)
    .png()
    .toBuffer();
};

/** Pixels of a PNG, and a way to ask for one of them. */
async function pixelsOf(png: Uint8Array) {
  const { data, info } = await sharp(png).raw().toBuffer({ resolveWithObject: true });
  const at = (x: number, y: number) => [...data.subarray((y * info.width + x) * 3, (y * info.width + x + 1) * 3)];
  return { data, info, at };
}

describe('the upscaler', () => {
  it('makes a PNG that is its factor times as wide and as high, with every colour where it was', async () => {
    const { info, at } = await pixelsOf(await enlarge(await quarters(32, 48, ['#f00', '#0f0', '#00f', '#ff0'])));
    expect(info).toMatchObject({ width: 96, height: 144, channels: 3 });
    expect([at(24, 36), at(72, 36), at(24, 108), at(72, 108)]).toEqual([
      [255, 0, 0],
      [0, 255, 0],
      [0, 0, 255],
      [255, 255, 0],
    ]);
  });

  it('cuts off what leaves the range beside an edge: black stays black and white stays white', async () => {
    const { data, at } = await pixelsOf(await enlarge(await quarters(32, 32, ['#000', '#fff', '#000', '#fff'])));
    // Bicubic goes below 0 just before the edge and above 1 just behind it; a byte that wrapped would be the opposite.
    for (let x = 0; x < 45; x += 1) expect(at(x, 48)[0], `column ${x}`).toBeLessThan(64);
    for (let x = 51; x < 96; x += 1) expect(at(x, 48)[0], `column ${x}`).toBeGreaterThan(192);
    expect(new Set(data).has(0)).toBe(true);
    expect(new Set(data).has(255)).toBe(true);
  });

  it('takes a picture with transparency as its colours', async () => {
    const picture = await sharp(await quarters(32, 32, ['#f00', '#f00', '#f00', '#f00']))
      .ensureAlpha(0.5)
      .png()
      .toBuffer();
    const { info, at } = await pixelsOf(await enlarge(picture));
    expect(info.channels).toBe(3);
    expect(at(48, 48)).toEqual([255, 0, 0]);
  });

  it('makes the same bytes of the same picture', async () => {
    const picture = await quarters(32, 32, ['#123', '#456', '#789', '#abc']);
    expect(Buffer.from(await enlarge(picture)).equals(await enlarge(Buffer.from(picture)))).toBe(true);
  });

  it('whose card says another factor than its net has is an error, and so is a card that is not there', async () => {
    await expect(createOnnxUpscaler('/nowhere')(await quarters(32, 32, ['#000']))).rejects.toThrow(
      '/nowhere/upscaler.json',
    );
    const folder = mkdtempSync(join(tmpdir(), 'upscaler-'));
    cpSync('test/fixtures/upscaler/upscaler.onnx', `${folder}/upscaler.onnx`);
    writeFileSync(`${folder}/upscaler.json`, JSON.stringify({ name: 'tiny-upscaler', factor: 4 }));
    await expect(createOnnxUpscaler(folder)(await quarters(32, 32, ['#000']))).rejects.toThrow(
      'gave 1,3,96,96 of 1,3,32,32; its card says 4 times',
    );
  });
});
