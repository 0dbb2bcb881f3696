import { readFileSync } from 'node:fs';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { ADVICE, bitsApart } from '../../../functions/_rules/index.ts';
import { createSharpPictures } from '../../../functions/_shared/sharp-pictures.ts';

// sharp blocks its other loaders as soon as the module under test is imported; writing them is still possible.
const pictures = createSharpPictures();
const header = (png: Uint8Array) => sharp(png).metadata();

/** Pixels that no format compresses to nothing. */
const noise = (width: number, height: number, channels: 3 | 4 = 3) => {
  const pixels = Uint8Array.from(
    { length: width * height * channels },
    (_, i) => (Math.imul(i, 2_654_435_761) >>> 13) & 0xff,
  );
  return sharp(pixels, { raw: { width, height, channels } });
};

let jpeg: Buffer;
let png: Buffer;
let webp: Buffer;
beforeAll(async () => {
  [jpeg, png, webp] = await Promise.all([
    noise(96, 80).jpeg().toBuffer(),
    noise(96, 80).png().toBuffer(),
    noise(96, 80).webp().toBuffer(),
  ]);
});

const codeOf = async (bytes: Uint8Array, declaredType?: string): Promise<string> =>
  pictures.sanitise(bytes, declaredType).then(
    () => 'accepted',
    (error) => error.code ?? error,
  );

describe('a picture', () => {
  it('that is a JPEG, PNG or WebP comes out as a plain PNG of three channels', async () => {
    for (const bytes of [jpeg, png, webp]) {
      const { png: out, width, height } = await pictures.sanitise(bytes);
      expect([width, height]).toEqual([96, 80]);
      expect(await header(out)).toMatchObject({
        format: 'png',
        channels: 3,
        depth: 'uchar',
        space: 'srgb',
        hasAlpha: false,
      });
    }
  });

  it('comes out the same every time: its digest is its name', async () => {
    const [once, again] = [await pictures.sanitise(jpeg), await pictures.sanitise(jpeg)];
    expect(Buffer.compare(once.png, again.png)).toBe(0);
  });

  it('loses its place on earth, its camera, its thumbnail and its profile, but stands upright', async () => {
    const bytes = await noise(96, 80)
      .withMetadata({ orientation: 6 })
      .withExifMerge({
        IFD0: { Make: 'CanaryCam', Orientation: '6' },
        IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '51/1 30/1 0/1' },
      })
      .withXmp(
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/></x:xmpmeta>',
      )
      .jpeg()
      .toBuffer();
    expect((await header(bytes)).exif?.includes('CanaryCam')).toBe(true);
    const { png: out, width, height } = await pictures.sanitise(bytes);
    expect([width, height]).toEqual([80, 96]);
    const left = await header(out);
    for (const kind of ['exif', 'icc', 'xmp', 'iptc'] as const) expect(left[kind]).toBeUndefined();
    for (const trace of ['CanaryCam', 'GPS', 'xmpmeta', 'Exif']) expect(Buffer.from(out).includes(trace)).toBe(false);
  });

  it('with holes in it is laid on white', async () => {
    const clear = await sharp({
      create: { width: 64, height: 64, channels: 4, background: { r: 0, g: 0, b: 0, alpha: 0 } },
    })
      .png()
      .toBuffer();
    const { data } = await sharp((await pictures.sanitise(clear)).png)
      .raw()
      .toBuffer({ resolveWithObject: true });
    expect([...data.subarray(0, 3)]).toEqual([255, 255, 255]);
  });

  it('in grey, in 16 bits or in print colours comes out in sRGB of 8 bits', async () => {
    const grey = await noise(64, 64).toColourspace('b-w').png().toBuffer();
    const deep = await noise(64, 64).toColourspace('rgb16').png().toBuffer();
    const print = await noise(64, 64).toColourspace('cmyk').jpeg().toBuffer();
    for (const bytes of [grey, deep, print]) {
      expect(await header((await pictures.sanitise(bytes)).png)).toMatchObject({
        channels: 3,
        depth: 'uchar',
        space: 'srgb',
      });
    }
  });

  it('larger than 2,048 pixels is made smaller, a smaller one is never made larger', async () => {
    const wide = await sharp({ create: { width: 3_000, height: 300, channels: 3, background: '#888' } })
      .png()
      .toBuffer();
    expect(await pictures.sanitise(wide)).toMatchObject({ width: 2_048, height: 205 });
  });

  it('with something hidden behind it comes out without that', async () => {
    const { png: out } = await pictures.sanitise(Buffer.concat([png, Buffer.from('PK\x03\x04 canary <script>')]));
    expect(Buffer.from(out).includes('canary')).toBe(false);
  });
});

describe('an upload that will not do is refused with a code', () => {
  it('when it is another type of picture, whatever it is called', async () => {
    const svg = Buffer.from(
      '<svg xmlns="http://www.w3.org/2000/svg" width="99" height="99"><rect width="9" height="9"/></svg>',
    );
    const gif = await noise(64, 64).gif().toBuffer();
    const tiff = await noise(64, 64).tiff().toBuffer();
    const avif = await noise(64, 64).avif({ effort: 0 }).toBuffer();
    for (const bytes of [svg, gif, tiff, avif, Buffer.from('%PDF-1.7'), Buffer.from('hello')]) {
      expect(await codeOf(bytes)).toBe('not_a_picture');
    }
  });

  it('when it was declared to be what it is not; a type that says nothing is no declaration', async () => {
    expect(await codeOf(jpeg, 'image/png')).toBe('type_mismatch');
    expect(await codeOf(png, 'text/html; charset=utf-8')).toBe('type_mismatch');
    for (const type of ['image/webp', 'IMAGE/WEBP', 'binary/octet-stream', 'application/octet-stream', undefined]) {
      expect(await codeOf(webp, type)).toBe('accepted');
    }
  });

  it('when it only begins like a picture', async () => {
    const gif = await noise(64, 64).gif().toBuffer();
    for (const start of [[0xff, 0xd8, 0xff], [...png.subarray(0, 8)], [...Buffer.from('RIFF\x10\0\0\0WEBP')]]) {
      expect(await codeOf(Buffer.concat([Buffer.from(start), gif]))).toBe('picture_damaged');
    }
  });

  it('when it is cut short, at any place', async () => {
    for (const bytes of [jpeg, png, webp]) {
      for (const part of [0.02, 0.3, 0.6, 0.9]) {
        expect(await codeOf(bytes.subarray(0, Math.max(16, Math.floor(bytes.length * part))))).toBe('picture_damaged');
      }
    }
  });

  it('when its sides are too small or it has too many pixels, by its header alone', async () => {
    expect(await codeOf(await noise(63, 200).png().toBuffer())).toBe('picture_too_small');
    const forged = Buffer.from(png);
    forged.writeUInt32BE(65_000, 16);
    forged.writeUInt32BE(65_000, 20);
    forged.writeUInt32BE(crc32(forged.subarray(12, 29)), 29);
    const start = performance.now();
    expect(await codeOf(forged)).toBe('picture_too_large');
    expect(performance.now() - start).toBeLessThan(500);
  });

  it('or is accepted, when any of its bits were turned: it never crashes', async () => {
    for (const [index, bytes] of [jpeg, png, webp].entries()) {
      for (let turn = 0; turn < 20; turn += 1) {
        const turned = Buffer.from(bytes);
        const place = (Math.imul(turn * 3 + index + 1, 2_654_435_761) >>> 0) % turned.length;
        turned[place] = (turned[place] ?? 0) ^ (1 << (turn % 8));
        expect(['accepted', 'picture_damaged', 'not_a_picture', 'picture_too_large', 'picture_too_small']).toContain(
          await codeOf(turned),
        );
      }
    }
  });
});

function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return (crc ^ 0xffffffff) >>> 0;
}

describe('a look at a picture', () => {
  const file = (name: string) => readFileSync(`demo/subjects/${name}.png`);

  it('knows a picture that was saved again, smaller and worse, from another one of the same subject', async () => {
    const front = await pictures.look(file('mina/front'));
    const saved = await sharp(file('mina/front')).resize(180).jpeg({ quality: 55 }).toBuffer();
    const again = await pictures.look((await pictures.sanitise(saved)).png);
    expect(bitsApart(front.hash, again.hash)).toBeLessThanOrEqual(ADVICE.sameHashBits);
    for (const other of ['mina/wave', 'mina/sit', 'mina/face', 'rusty/front', 'rusty/face']) {
      const look = await pictures.look(file(other));
      expect(bitsApart(front.hash, look.hash), other).toBeGreaterThan(2 * ADVICE.sameHashBits);
    }
  });

  it('tells a blurred picture from a sharp one', async () => {
    const sharpness = async (bytes: Buffer) => (await pictures.look(bytes)).sharpness;
    expect(await sharpness(file('mina/face'))).toBeGreaterThan(2 * ADVICE.leastSharpness);
    expect(await sharpness(await sharp(file('mina/face')).blur(12).png().toBuffer())).toBeLessThan(
      ADVICE.leastSharpness,
    );
  });
});
