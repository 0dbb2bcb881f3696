import sharp, { type OverlayOptions } from 'sharp';
import { describe, expect, it } from 'vitest';
import { readingOf } from '../../../functions/_rules/index.ts';
import { createOnnxReader } from '../../../functions/_shared/onnx-reader.ts';

const read = createOnnxReader('test/fixtures/reader');

/** A white picture with blocks of colour on it, which the reader takes for figures. */
function picture(width: number, height: number, blocks: { at: [number, number, number, number]; colour: string }[]) {
  const layers = blocks.map(
    ({ at: [left, top, blockWidth, blockHeight], colour }): OverlayOptions => ({
      input: { create: { width: blockWidth, height: blockHeight, channels: 3, background: colour } },
      ...{ left, top },
    }),
  );
  return sharp({ create: { width, height, channels: 3, background: 'white' } })
    .composite(layers)
    .png()
    .toBuffer();
}

describe('the reader', () => {
  it('sees nobody on an empty page', async () => {
    expect(await read(await picture(128, 128, []))).toEqual([]);
  });

  it('sees a figure’s share of the picture and what it does, and leaves out what it cannot tell', async () => {
    const [figure, ...others] = await read(await picture(128, 128, [{ at: [48, 32, 32, 64], colour: '#ff0000' }]));
    expect(others).toEqual([]);
    expect(figure?.share).toBeCloseTo(1 / 8, 2);
    expect(figure?.attributes).toEqual({ facing: 'front', framing: 'half body', expression: 'smiling' });
  });

  it('counts figures from left to right', async () => {
    const crowd = await picture(128, 128, [
      { at: [90, 40, 20, 40], colour: '#0000ff' },
      { at: [10, 40, 20, 40], colour: '#00ff00' },
    ]);
    expect((await read(crowd)).map(({ attributes }) => attributes.facing)).toEqual(['left', 'right']);
  });

  it('measures the share of the picture, and not of the square that it is fitted into', async () => {
    const [figure] = await read(await picture(128, 256, [{ at: [44, 64, 40, 128], colour: '#ff0000' }]));
    expect(figure?.share).toBeCloseTo((40 * 128) / (128 * 256), 1);
  });

  it('that is not where it should be is an error, and not an empty picture', async () => {
    await expect(createOnnxReader('/nowhere')(await picture(64, 64, []))).rejects.toThrow('/nowhere/reader.json');
  });
});

describe('what is kept of a picture', () => {
  const figure = (share: number, facing: string) => ({ share, attributes: { facing, hat: 'red' } });

  it('is of its largest figure, and how many there are', () => {
    expect(readingOf([figure(0.1, 'left'), figure(0.3, 'front')])).toEqual({ figures: 2, share: 0.3, view: 'front' });
    expect(readingOf([])).toEqual({ figures: 0, share: 0 });
  });
});
