import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BaseModelRef, DoctorDocument, Kind, type PictureReading } from '../../contracts/index.ts';
import { defineCommand } from '../command.ts';
import { KnownError } from '../errors.ts';
import { formatTable, indent } from '../words.ts';

const MODELS = fileURLToPath(new URL('../../../models', import.meta.url));
const PICTURE = /\.(jpe?g|png|webp)$/i;

export const doctor = defineCommand({
  meta: {
    name: 'doctor',
    about:
      'Look at reference pictures as ingest would, on this machine: what it would refuse, and what it would advise',
  },
  args: {
    paths: { type: 'positionals', about: 'pictures, or folders of pictures, of one subject' },
    kind: { type: 'text', value: 'kind', about: 'character, person, animal or product (default: character)' },
    models: {
      type: 'text',
      value: 'folder',
      about: 'whose identity encoder and reader look (default: the checkout’s)',
    },
    family: { type: 'text', value: 'family', about: 'of the base model: paperdoll, sd15 or sdxl (default: paperdoll)' },
  },
  document: DoctorDocument,
  async run({ paths, kind = 'character', models, family = 'paperdoll' }, world) {
    const known = BaseModelRef.shape.family.safeParse(family);
    if (!known.success) throw new KnownError('usage', `--family ${family}: there are paperdoll, sd15 and sdxl.`);
    const knownKind = Kind.safeParse(kind);
    if (!knownKind.success) throw new KnownError('usage', `--kind ${kind}: there are ${Kind.options.join(', ')}.`);
    const files = paths.flatMap((path) => picturesAt(resolve(world.folder, path)));
    refuseNamesakes(files);
    const folder = models === undefined ? MODELS : resolve(world.folder, models);
    const encoder = join(folder, 'identity');
    if (!existsSync(encoder)) throw new KnownError('file_missing', `${encoder} does not exist.`);
    const reader = join(folder, 'reader');
    // Loaded on first use: it brings the decoders.
    const { examine } = await import('../../doctor/index.ts');
    const nets = { encoder, reader: existsSync(reader) ? reader : undefined };
    return examine(files, nets, { family: known.data, kind: knownKind.data });
  },
  show({ pictures, findings }) {
    // Without a reader there is nothing to show.
    const read = pictures.some(({ reading }) => reading !== undefined);
    const rows = pictures.map(({ file, state, width, height, look, reading, rejection }) => [
      file,
      state,
      width && height ? `${width} × ${height}` : '',
      look ? String(look.sharpness) : '',
      ...(read ? [reading ? shown(reading) : ''] : []),
      rejection?.sentence ?? '',
    ]);
    const head = ['file', 'state', 'pixels', 'sharpness', ...(read ? ['shows'] : []), 'reason'];
    const advice = findings.map(({ sentence }) => sentence).join('\n') || 'nothing to say against these pictures';
    return `${formatTable(head, rows)}\n\nAdvice\n${indent(advice)}`;
  },
});

const shown = ({ figures, share, view, framing, expression, pose }: PictureReading): string =>
  figures === 0
    ? 'nobody'
    : [figures > 1 ? `${figures} figures` : '', `${Math.round(share * 100)} %`, view, framing, pose, expression]
        .filter((word) => word)
        .join(', ');

/** A subject’s pictures lie in one folder, and advice names them by their files. */
function refuseNamesakes(files: readonly string[]): void {
  const names = files.map((file) => basename(file));
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice === undefined) return;
  throw new KnownError('usage', `Two of these pictures are called ${twice}; a subject’s pictures lie in one folder.`);
}

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
