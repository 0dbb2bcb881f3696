import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parse as parseCsv } from 'csv-parse/sync';
import {
  CAMPAIGN_FILE_BYTES,
  CampaignCsvRow,
  CampaignFile,
  PICTURE_TYPES,
  Slug,
  SubjectManifest,
} from '../contracts/index.ts';
import { KnownError } from './errors.ts';
import { check, invalid, parseYaml, readBytes } from './read-file.ts';

/** A file to put in the intake bucket. */
export interface Upload {
  file: string;
  body: Buffer;
  contentType: string;
}

const extensionOf = (file: string): string => file.slice(file.lastIndexOf('.') + 1).toLowerCase();

/** A subject as it lies in a folder: checked before a byte is uploaded, its pictures first and its manifest last. */
export function readSubjectFolder(folder: string, manifestPath: string, today: Date) {
  const body = readBytes(manifestPath);
  const manifest = parseYaml(body.toString('utf8'), manifestPath, SubjectManifest);
  const lying = new Set(listFolder(folder));
  const problems = [
    ...manifest.references.flatMap((file, index) => {
      if (!lying.has(file)) return [`references[${index}]: ${file} is not in ${folder}`];
      if (!(extensionOf(file) in PICTURE_TYPES))
        return [`references[${index}]: ${file} is not a PNG, JPEG or WebP file`];
      return [];
    }),
    ...Object.keys(manifest.captions ?? {})
      .filter((file) => !manifest.references.includes(file))
      .map((file) => `captions.${file}: is not among the references`),
  ];
  if (problems.length > 0) throw invalid(manifestPath, problems);
  if (manifest.passport.expires < today.toISOString().slice(0, 10)) {
    throw new KnownError(
      'passport_expired',
      `${manifestPath}: passport.expires: the passport ended on ${manifest.passport.expires}. ` +
        'No GPU second is spent on a subject without a valid one.',
    );
  }
  const pictures = manifest.references.map((file) => readPicture(folder, file));
  return { manifest, pictures, manifestBody: body };
}

export function readPicture(folder: string, file: string): Upload {
  return { file, body: readBytes(join(folder, file)), contentType: PICTURE_TYPES[extensionOf(file)] ?? '' };
}

function listFolder(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    throw new KnownError('file_missing', `${folder} is not a folder that can be read.`, { cause: error });
  }
}

/** A campaign file, checked: its name, its subjects, whether YAML or rows, and its bytes as they will be uploaded. */
export function readCampaignFile(path: string) {
  const body = readBytes(path);
  if (body.length > CAMPAIGN_FILE_BYTES) {
    throw invalid(path, [
      `the file: has ${body.length} bytes; at most ${CAMPAIGN_FILE_BYTES} are taken: make two of it`,
    ]);
  }
  const text = body.toString('utf8');
  const extension = extensionOf(path);
  if (extension === 'yaml' || extension === 'yml') {
    const { campaign, subjects } = parseYaml(text, path, CampaignFile);
    return { campaign, subjects, extension: 'yaml' as const, body };
  }
  if (extension === 'csv') {
    const campaign = check(path.slice(path.lastIndexOf('/') + 1, -'.csv'.length), `${path}: the file’s name`, Slug);
    const subjects = [...new Set(readRows(text, path).flatMap((row) => row.subjects.split(/\s+/)))];
    return { campaign, subjects, extension: 'csv' as const, body };
  }
  throw new KnownError('usage', `${path}: a campaign is a .yaml or a .csv file.`);
}

function readRows(text: string, path: string): CampaignCsvRow[] {
  let rows: Record<string, string>[];
  try {
    rows = parseCsv(text, { columns: true, bom: true, skip_empty_lines: true, trim: true });
  } catch (error) {
    throw invalid(path, [(error as Error).message]);
  }
  if (rows.length === 0) throw invalid(path, ['the file: has no rows']);
  return rows.map((row, index) => {
    // An empty column means “as usual”.
    const filled = Object.fromEntries(Object.entries(row).filter(([, value]) => value !== ''));
    return check(filled, `${path}, row ${index + 1}`, CampaignCsvRow);
  });
}
