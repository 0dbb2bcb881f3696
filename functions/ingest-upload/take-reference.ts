import { libraryKeys, ReferenceRow, rowKeys } from '../../lib/contracts/index.ts';
import { encodeVector, readingOf } from '../_rules/index.ts';
import { CallerError, ObjectTooLargeError } from '../_shared/errors.ts';
import { sha256 } from '../_shared/hash.ts';
import type { Draft, Ports } from '../_shared/ports.ts';
import { judgeSubject } from './judge-subject.ts';

const MAX_BYTES = 30_000_000;

export type ReferencePorts = Pick<
  Ports,
  'intake' | 'library' | 'state' | 'queues' | 'pictures' | 'encoder' | 'readFigures' | 'settings' | 'now' | 'log'
>;

/** Take one picture of a subject: sanitised and embedded, or rejected with a reason. Then see whether the set is complete. */
export async function takeReference(key: string, subject: string, file: string, ports: ReferencePorts): Promise<void> {
  // The object is read inside, after the row: of two uploads under one name the later one is what the row ends with.
  const row = await ports.state.change(ReferenceRow, rowKeys.reference(subject, file), async (before) => {
    const upload = await readUpload(key, ports.intake);
    if (!upload) return undefined;
    const encoder = await ports.encoder.id();
    const same = before?.source === upload.source;
    const read = before?.encoder === encoder && (before.reading !== undefined || !ports.readFigures);
    const seen = same && (before.state === 'rejected' || read);
    if (seen) return undefined;
    const identity = { row: 'reference', subject, file, source: upload.source } as const;
    return { ...identity, ...(await judgePicture(subject, upload, encoder, ports)) };
  });
  if (!row) return ports.log('upload.gone', { subject });
  ports.log(`reference.${row.state}`, { subject, file, code: row.rejection?.code, sha256: row.picture?.sha256 });
  // Also when nothing was written: whoever wrote the row may have died before it looked at the set.
  await judgeSubject(subject, async (manifest) => manifest, ports);
}

interface Upload {
  source: string;
  bytes: Uint8Array | undefined;
  sizeBytes: number;
  contentType: string | undefined;
}

async function readUpload(key: string, intake: Ports['intake']): Promise<Upload | undefined> {
  try {
    const taken = await intake.take(key, MAX_BYTES);
    if (!taken) return undefined;
    const { bytes, contentType } = taken;
    // With its type: the same bytes, declared rightly this time, are another upload.
    const source = sha256(`${contentType ?? ''} ${sha256(bytes)}`);
    return { source, bytes, sizeBytes: bytes.length, contentType };
  } catch (error) {
    if (!(error instanceof ObjectTooLargeError)) throw error;
    // Its bytes were never taken, so its size stands for them.
    const source = sha256(`${error.sizeBytes} bytes`);
    return { source, bytes: undefined, sizeBytes: error.sizeBytes, contentType: undefined };
  }
}

type Judgement = Omit<Draft<typeof ReferenceRow>, 'row' | 'subject' | 'file' | 'source'>;

async function judgePicture(
  subject: string,
  upload: Upload,
  encoderId: string,
  ports: ReferencePorts,
): Promise<Judgement> {
  try {
    const { png, width, height } = await ports.pictures.sanitise(checkSize(upload), upload.contentType);
    const vector = encodeVector(await ports.encoder.embed(png));
    const digest = sha256(png);
    const key = libraryKeys.reference(subject, digest);
    // Before the row that names it. The key holds the digest, so one that exists has these bytes.
    await ports.library.create(key, png, 'image/png');
    const picture = { key, sha256: digest, sizeBytes: png.length };
    const look = await ports.pictures.look(png);
    const reading = ports.readFigures && readingOf(await ports.readFigures(png));
    return { state: 'accepted', picture, width, height, look, reading, encoder: encoderId, vector };
  } catch (error) {
    if (!(error instanceof CallerError)) throw error;
    return { state: 'rejected', rejection: error.rejection };
  }
}

function checkSize({ bytes, sizeBytes }: Upload): Uint8Array {
  if (!bytes) {
    const sentence = `The file has ${(sizeBytes / 1e6).toFixed(1)} MB; at most ${MAX_BYTES / 1e6} are taken.`;
    throw new CallerError('file_too_large', sentence);
  }
  if (bytes.length === 0) throw new CallerError('file_empty', 'The file is empty; upload it again.');
  return bytes;
}
