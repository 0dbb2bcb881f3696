import sharp, { type Metadata } from 'sharp';
import { CallerError, ConfigurationError } from './errors.ts';
import { pictureTypeOf } from './picture-type.ts';
import { keepPixels, openPixels, type Pixels, pixelsOf } from './pixels.ts';
import type { Pictures } from './ports.ts';

const MAX_PIXELS = 50_000_000;
const MIN_SIDE = 64;
const MAX_SIDE_KEPT = 2_048;

// Every other decoder is code that an upload could reach for nothing.
sharp.block({ operation: ['VipsForeignLoad'] });
sharp.unblock({ operation: ['VipsForeignLoadJpeg', 'VipsForeignLoadPng', 'VipsForeignLoadWebp'] });
// Uploads do not repeat, and one thread per picture bounds the memory.
sharp.cache(false);
sharp.concurrency(1);

/** Fail on every doubt of the decoder. */
const STRICT = { failOn: 'warning', limitInputChannels: 5 } as const;

/** Sanitising by libvips: three formats in, plain sRGB PNG out. */
export function createSharpPictures(): Pictures {
  let blocked: Promise<void> | undefined;
  return {
    async sanitise(bytes, declaredType) {
      blocked ??= assertBlocked();
      await blocked;
      const type = pictureTypeOf(bytes);
      if (!type) throw new CallerError('not_a_picture', 'The file is not a JPEG, PNG or WebP picture.');
      checkDeclared(type, declaredType);
      await checkHeader(bytes);
      try {
        const pixels = await sharp(bytes, { ...STRICT, limitInputPixels: MAX_PIXELS })
          .timeout({ seconds: 10 })
          .autoOrient()
          .flatten({ background: '#ffffff' })
          .resize({ width: MAX_SIDE_KEPT, height: MAX_SIDE_KEPT, fit: 'inside', withoutEnlargement: true })
          // Without a call to keep them, profiles, EXIF, XMP, IPTC and thumbnails all stay behind.
          .toColourspace('srgb')
          .raw()
          .toBuffer({ resolveWithObject: true });
        const png = await openPixels(pixels).png({ compressionLevel: 6 }).toBuffer();
        keepPixels(png, pixels);
        return { png, width: pixels.info.width, height: pixels.info.height };
      } catch (error) {
        throw damaged(error);
      }
    },
    async look(png) {
      // Small first: sharp makes a picture grey before it resizes it, whatever the order of the calls, and that takes longer.
      const small = await openPixels(await pixelsOf(png))
        .resize({ width: LOOK_WIDTH })
        .raw()
        .toBuffer({ resolveWithObject: true });
      const grey = await openPixels(small).greyscale().raw().toBuffer({ resolveWithObject: true });
      const [hash, sharpness] = await Promise.all([hashOf(grey), sharpnessOf(grey)]);
      return { hash, sharpness };
    },
  };
}

/** What storage calls an object of which nobody said what it is. */
const UNDECLARED = ['', 'application/octet-stream', 'binary/octet-stream'];

/** A picture that claims to be another type is a mistake, or is meant for somebody who believes the claim. */
function checkDeclared(type: string, declaredType = ''): void {
  const [declared = ''] = declaredType.toLowerCase().split(';');
  if (UNDECLARED.includes(declared.trim()) || declared.trim() === `image/${type}`) return;
  const name = type === 'webp' ? 'WebP' : type.toUpperCase();
  throw new CallerError(
    'type_mismatch',
    `The file is a ${name} picture and was uploaded as ${declared.trim().slice(0, 60)}; name it .${type} and upload it as image/${type}.`,
  );
}

/** Judge by the header alone: nothing is decoded before its size is known. */
async function checkHeader(bytes: Uint8Array): Promise<void> {
  let header: Metadata;
  try {
    header = await sharp(bytes, { ...STRICT, limitInputPixels: false }).metadata();
  } catch (error) {
    throw damaged(error);
  }
  const { format, width, height } = header;
  if (format !== pictureTypeOf(bytes)) {
    throw new CallerError('not_a_picture', 'The file begins like one type of picture and continues like another.');
  }
  if (width * height > MAX_PIXELS) {
    const megapixels = Math.round(MAX_PIXELS / 1e6);
    throw new CallerError(
      'picture_too_large',
      `The picture is ${width} × ${height} pixels; at most ${megapixels} million are taken.`,
    );
  }
  if (Math.min(width, height) < MIN_SIDE) {
    throw new CallerError(
      'picture_too_small',
      `The picture is ${width} × ${height} pixels; its shorter side must be at least ${MIN_SIDE}.`,
    );
  }
}

const damaged = (cause: unknown): CallerError =>
  new CallerError('picture_damaged', 'The picture is damaged or cut short; save it again and upload that.', { cause });

/** A probe, once per process: blocking by name would fail silently if libvips renamed its loaders. */
async function assertBlocked(): Promise<void> {
  const probe = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"/>');
  const refused = await sharp(probe)
    .metadata()
    .then(
      () => false,
      () => true,
    );
  if (!refused) throw new ConfigurationError('sharp still decodes SVG: its loaders are not blocked');
}

/** Width at which a picture is looked at. One for all: a large picture has the same edges over more pixels. */
const LOOK_WIDTH = 256;

/** Grey it stays only when told so: by itself libvips writes three channels of one. */
const reopen = (grey: Pixels) => openPixels(grey).toColourspace('b-w');

const GRID = { width: 9, height: 8 };

/** The difference hash: robust to scale, re-encoding and small shifts of colour, and the same on every machine. */
async function hashOf(picture: Pixels): Promise<string> {
  const grey = await reopen(picture)
    .resize({ ...GRID, fit: 'fill' })
    .raw()
    .toBuffer();
  let bits = '';
  for (let row = 0; row < GRID.height; row += 1) {
    for (let column = 1; column < GRID.width; column += 1) {
      const at = row * GRID.width + column;
      bits += (grey[at] ?? 0) > (grey[at - 1] ?? 0) ? '1' : '0';
    }
  }
  return BigInt(`0b${bits}`).toString(16).padStart(16, '0');
}

const LAPLACIAN = { width: 3, height: 3, kernel: [0, 1, 0, 1, -4, 1, 0, 1, 0], offset: 128 };

/** How far neighbours differ: little where the picture is out of focus, or of one colour. */
async function sharpnessOf(picture: Pixels): Promise<number> {
  // `stats()` would be of the input: it does not see what the pipeline makes of it.
  const edges = await reopen(picture).convolve(LAPLACIAN).raw().toBuffer();
  const mean = edges.reduce((sum, value) => sum + value, 0) / edges.length;
  const spread = edges.reduce((sum, value) => sum + (value - mean) ** 2, 0) / edges.length;
  return Math.round(Math.sqrt(spread) * 100) / 100;
}
