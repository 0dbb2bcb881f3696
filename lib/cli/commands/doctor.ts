import { readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BaseModelRef, DoctorDocument } from '../../contracts/index.ts';
import { defineCommand } from '../command.ts';
import { KnownError } from '../errors.ts';
import { formatTable, indent } from '../words.ts';

const ENCODER = fileURLToPath(new URL('../../../models/identity', import.meta.url));
const PICTURE = /\.(jpe?g|png|webp)$/i;

export const doctor = defineCommand({
  meta: {
    name: 'doctor',
    about:
      'Look at reference pictures as ingest would, on this machine: what it would refuse, and what it would advise',
  },
  args: {
    path: { type: 'positional', about: 'a picture, or a folder of pictures of one subject' },
    family: { type: 'text', value: 'family', about: 'of the base model: paperdoll, sd15 or sdxl (default: paperdoll)' },
  },
  document: DoctorDocument,
  async run({ path, family = 'paperdoll' }, world) {
    const known = BaseModelRef.shape.family.safeParse(family);
    if (!known.success) throw new KnownError('usage', `--family ${family}: there are paperdoll, sd15 and sdxl.`);
    const files = picturesAt(resolve(world.folder, path));
    // Loaded on first use: it brings the decoders.
    const { examine } = await import('../../doctor/index.ts');
    return examine(files, { encoder: ENCODER, family: known.data });
  },
  show({ pictures, findings }) {
    const rows = pictures.map(({ file, state, width, height, look, rejection }) => [
      file,
      state,
      width && height ? `${width} × ${height}` : '',
      look ? String(look.sharpness) : '',
      rejection?.sentence ?? '',
    ]);
    const advice = findings.map(({ sentence }) => sentence).join('\n') || 'nothing to say against these pictures';
    return `${formatTable(['file', 'state', 'pixels', 'sharpness', 'reason'], rows)}\n\nAdvice\n${indent(advice)}`;
  },
});

function picturesAt(path: string): string[] {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat) throw new KnownError('file_missing', `${path} does not exist.`);
  if (stat.isFile()) return [path];
  const files = readdirSync(path)
    .filter((file) => PICTURE.test(file))
    .sort()
    .map((file) => join(path, file));
  if (files.length === 0) throw new KnownError('file_missing', `${path} holds no JPEG, PNG or WebP picture.`);
  return files;
}
