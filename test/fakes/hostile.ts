import sharp from 'sharp';
import { createRandom } from './pipeline.ts';

/** A file as somebody may upload it, by name. `canaries` are texts that must be in no output. */
export interface Hostile {
  name: string;
  bytes: Uint8Array;
}

/** Texts that the pictures carry in their metadata, and that must not leave with them. */
export const CANARIES = ['CanaryCamera', 'CANARY-GPS-51-30', 'canary-comment', 'canary-thumbnail'];

type Kind = (random: () => number, samples: Samples) => Promise<Uint8Array> | Uint8Array;
interface Samples {
  jpeg: Buffer;
  png: Buffer;
  webp: Buffer;
}

const text = (content: string): Uint8Array => Uint8Array.from(Buffer.from(content));
const pick = <T>(random: () => number, items: readonly T[]): T => items[Math.floor(random() * items.length)] as T;
const any = (random: () => number, samples: Samples): Buffer => pick(random, Object.values(samples));
const join = (...parts: Uint8Array[]): Uint8Array => Uint8Array.from(Buffer.concat(parts));

/** A JPEG segment with content of its own, put behind the start of the picture. */
function withSegment(jpeg: Buffer, marker: number, content: Uint8Array): Uint8Array {
  const head = Buffer.from([0xff, marker, (content.length + 2) >> 8, (content.length + 2) & 0xff]);
  return join(jpeg.subarray(0, 2), head, content, jpeg.subarray(2));
}

/** EXIF with a camera, a place on earth, a thumbnail, and as many entries as it says it has. */
function exif(random: () => number, entries: number): Uint8Array {
  const header = Buffer.from('Exif\0\0II*\0\x08\0\0\0', 'latin1');
  const count = Buffer.alloc(2);
  count.writeUInt16LE(Math.min(entries, 65_535));
  const fields = Buffer.alloc(12 * 40);
  for (let at = 0; at < fields.length; at += 1) fields[at] = Math.floor(random() * 256);
  return join(header, count, fields, text(CANARIES.join('|')));
}

const KINDS: Record<string, Kind> = {
  truncated: (random, samples) => {
    const bytes = any(random, samples);
    return bytes.subarray(0, Math.floor(random() * bytes.length));
  },
  'bits flipped': (random, samples) => {
    const bytes = Buffer.from(any(random, samples));
    for (let flips = 1 + random() * 40; flips > 0; flips -= 1) {
      const at = Math.floor(random() * bytes.length);
      bytes[at] = (bytes[at] ?? 0) ^ (1 << Math.floor(random() * 8));
    }
    return bytes;
  },
  'header forged to 65,000²': (random, { jpeg, png }) => {
    if (random() < 0.5) {
      const forged = Buffer.from(png);
      forged.writeUInt32BE(65_000, 16);
      forged.writeUInt32BE(65_000, 20);
      return forged;
    }
    const forged = Buffer.from(jpeg);
    const at = forged.indexOf(Buffer.from([0xff, 0xc0])) + 5;
    forged.writeUInt16BE(65_000, at);
    forged.writeUInt16BE(65_000, at + 2);
    return forged;
  },
  svg: (random) =>
    text(
      random() < 0.5
        ? '<svg xmlns="http://www.w3.org/2000/svg" width="200" height="200"><rect width="9" height="9"/></svg>'
        : '<!DOCTYPE svg [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;"><!ENTITY x SYSTEM "file:///etc/passwd">]><svg xmlns="http://www.w3.org/2000/svg">&b;&x;</svg>',
    ),
  gif: () => join(text('GIF89a'), Uint8Array.from([64, 0, 64, 0, 0x80, 0, 0, 0, 0, 0, 255, 255, 255, 0x3b])),
  tiff: () => join(Uint8Array.from([0x49, 0x49, 0x2a, 0, 8, 0, 0, 0, 0, 0])),
  heic: () => join(Uint8Array.from([0, 0, 0, 24]), text('ftypheic'), Uint8Array.from([0, 0, 0, 0]), text('mif1heic')),
  avif: () => join(Uint8Array.from([0, 0, 0, 24]), text('ftypavif'), Uint8Array.from([0, 0, 0, 0]), text('mif1avif')),
  'polyglot with a script': (_random, { jpeg }) =>
    join(withSegment(jpeg, 0xfe, text('<script>canary-comment</script>')), text('<script>')),
  'polyglot with an archive': (_random, { png }) => join(png, text('PK\u0003\u0004canary-comment.zip')),
  'one type named as another': (random, samples) => any(random, samples),
  'head of one type, body of another': (random, { jpeg, png, webp }) =>
    random() < 0.5 ? join(png.subarray(0, 16), jpeg) : join(webp.subarray(0, 16), png),
  'metadata bomb': (random, { jpeg }) => {
    let bytes = withSegment(jpeg, 0xe1, exif(random, 65_535));
    for (let more = 0; more < 20; more += 1) bytes = withSegment(Buffer.from(bytes), 0xe1, exif(random, 40));
    return bytes;
  },
  'metadata to lose': (random, { jpeg }) =>
    withSegment(Buffer.from(withSegment(jpeg, 0xe1, exif(random, 3))), 0xfe, text(CANARIES.join('|'))),
  'profile that is none': (random, { jpeg }) =>
    withSegment(
      jpeg,
      0xe2,
      join(
        text('ICC_PROFILE\0'),
        Uint8Array.from([1, 1]),
        Uint8Array.from({ length: 200 }, () => random() * 256),
      ),
    ),
  empty: () => new Uint8Array(),
  'one byte': () => Uint8Array.from([0xff]),
  noise: (random) => Uint8Array.from({ length: Math.floor(random() * 4_000) }, () => random() * 256),
  html: () => text('<html><body>canary-comment</body></html>'),
  'tiny picture': () =>
    sharp({ create: { width: 8, height: 8, channels: 3, background: 'red' } })
      .png()
      .toBuffer(),
  'interlaced picture': () =>
    sharp({ create: { width: 1_500, height: 1_200, channels: 3, background: 'teal' } })
      .png({ progressive: true })
      .toBuffer(),
  'too many pixels': () =>
    sharp({ create: { width: 7_100, height: 7_100, channels: 3, background: 'teal' }, limitInputPixels: false })
      .png()
      .toBuffer(),
};

/** `count` files of every kind in turn, decided by `seed`. */
export async function hostileFiles(count: number, seed: number): Promise<Hostile[]> {
  const random = createRandom(seed);
  const samples = await drawSamples(random);
  const kinds = Object.entries(KINDS);
  const large = new Map<string, Uint8Array>();
  const files: Hostile[] = [];
  for (let at = 0; at < count; at += 1) {
    const [kind, make] = kinds[at % kinds.length] ?? ['', () => new Uint8Array()];
    // The same every time, and slow to make.
    const bytes = large.get(kind) ?? Uint8Array.from(await make(random, samples));
    if (kind === 'too many pixels' || kind === 'interlaced picture') large.set(kind, bytes);
    files.push({ name: `${kind} ${at}`, bytes });
  }
  return files;
}

async function drawSamples(random: () => number): Promise<Samples> {
  const pixels = Uint8Array.from({ length: 160 * 120 * 3 }, () => random() * 256);
  const made = () => sharp(pixels, { raw: { width: 160, height: 120, channels: 3 } });
  const [jpeg, png, webp] = await Promise.all([
    made().jpeg().toBuffer(),
    made().png().toBuffer(),
    made().webp().toBuffer(),
  ]);
  return { jpeg, png, webp };
}
