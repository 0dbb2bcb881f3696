import { readFile } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import { type Asked, encodeVector, findingsOf, readingOf } from '../../functions/_rules/index.ts';
import { CallerError } from '../../functions/_shared/errors.ts';
import { sha256 } from '../../functions/_shared/hash.ts';
import { createOnnxEncoder } from '../../functions/_shared/onnx-encoder.ts';
import { createOnnxReader } from '../../functions/_shared/onnx-reader.ts';
import { createSharpPictures } from '../../functions/_shared/sharp-pictures.ts';
import { type DoctorDocument, PICTURE_TYPES } from '../contracts/index.ts';

type Examined = DoctorDocument['pictures'][number];

/** Look at pictures as ingest would: what it would refuse, and what it would advise. `nets` are folders. Nothing leaves the machine. */
export async function examine(
  paths: readonly string[],
  nets: { encoder: string; reader: string | undefined },
  asked: Asked,
): Promise<DoctorDocument> {
  const pictures = createSharpPictures();
  const encoder = createOnnxEncoder(nets.encoder);
  const readFigures = nets.reader === undefined ? undefined : createOnnxReader(nets.reader);
  const rows: (Examined & { vector?: string; picture?: { key: string; sha256: string; sizeBytes: number } })[] = [];
  for (const path of paths) {
    const file = basename(path);
    try {
      const { png, width, height } = await pictures.sanitise(await readFile(path), declaredType(file));
      const [look, vector] = await Promise.all([pictures.look(png), encoder.embed(png)]);
      const reading = readFigures && readingOf(await readFigures(png));
      const picture = { key: file, sha256: sha256(png), sizeBytes: png.length };
      rows.push({ file, state: 'accepted', width, height, look, reading, vector: encodeVector(vector), picture });
    } catch (error) {
      if (!(error instanceof CallerError)) throw error;
      rows.push({ file, state: 'rejected', rejection: error.rejection });
    }
  }
  const shown = rows.map(({ vector: _vector, picture: _picture, ...row }) => row);
  return { document: 'doctor', pictures: shown, findings: findingsOf(rows, asked) };
}

/** What an upload from here would be declared as. */
const declaredType = (file: string): string | undefined => PICTURE_TYPES[extname(file).slice(1).toLowerCase()];
