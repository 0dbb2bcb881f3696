import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import sharp from 'sharp';
import { intakeKeys, ReferenceRow } from '../../contracts/index.ts';
import type { BenchPlace } from '../bench.ts';
import type { Row } from '../claims.ts';
import { type BenchCloud, inCloud, settledKeys, waitUntil } from './cloud.ts';
import type { Order, Sent } from './send-uploads.ts';

/** Uploads to each subject, in turn: a pool of artists, not one folder. */
const PER_SUBJECT = 10;
/** One in so many is cut short, and must be rejected. */
const DAMAGED_EVERY = 20;
const SIDE = 128;
const MOST_SECONDS = 3_000;
/** Longer than a message stays hidden after a failure. */
const QUIET_MS = 800_000;
/** Keys of the subjects that the crowd uploads to. */
const UPLOADS = 'subjects/crowd-';

const DRAWINGS = ['mina', 'rusty'].flatMap((subject) =>
  ['face', 'front', 'sit', 'wave'].map((name) => `demo/subjects/${subject}/${name}.png`),
);

/** Upload `rate` pictures a second for `seconds`, then wait until each has a row. One row for each upload. */
export async function measureUploads(
  cdkOut: string,
  { rate, seconds, seed }: { rate: number; seconds: number; seed: number },
  place: BenchPlace,
): Promise<Row[]> {
  return inCloud(place, { cdkOut }, async (cloud) => {
    const uploads = await drawUploads(join(cdkOut, '..', 'uploads'), rate * seconds, seed, place);
    place.tell(`${uploads.length} pictures, ${rate} a second`);
    const sent = await send({ endpoint: cloud.endpoint, bucket: cloud.intake, rate, uploads });
    const refused = sent.filter(({ answeredAt }) => answeredAt === null).length;
    place.tell(
      `sent in ${secondsOver(sent.map(({ sentAt }) => sentAt)).toFixed(1)} s, ${refused} not taken by storage`,
    );
    const rows = await waitForRows(cloud, sent.length - refused, place);
    return describeUploads(sent, rows);
  });
}

/** Small pictures, each its own: drawings of the demo under a camera's noise. The seed decides their bytes. */
async function drawUploads(folder: string, count: number, seed: number, { checkout }: BenchPlace) {
  mkdirSync(folder, { recursive: true });
  const drawings = DRAWINGS.map((file) => readFileSync(join(checkout, file)));
  const uploads: Order['uploads'] = [];
  for (let index = 0; index < count; index += 1) {
    const raw = await sharp(drawings[index % drawings.length])
      .resize({ width: SIDE, height: SIDE, fit: 'cover' })
      .removeAlpha()
      .raw()
      .toBuffer();
    // One shade for each picture tells it from all others, whatever JPEG does to it.
    const shade = (Math.imul(seed + index, 0x9e3779b1) >>> 0) % 0xffffff;
    raw.set([shade >> 16, (shade >> 8) & 255, shade & 255]);
    const jpeg = await sharp(raw, { raw: { width: SIDE, height: SIDE, channels: 3 } })
      .jpeg({ quality: 90 })
      .toBuffer();
    const file = join(folder, `${index}.jpg`);
    writeFileSync(file, index % DAMAGED_EVERY === 0 ? jpeg.subarray(0, jpeg.length / 2) : jpeg);
    const subject = `crowd-${Math.floor(index / PER_SUBJECT)}`;
    uploads.push({ file, key: intakeKeys.subjectFile(subject, `picture-${index}.jpg`) });
  }
  return uploads;
}

/** The sender has a process of its own: this one runs the cloud's queues, and would send late when they are full. */
async function send(order: Order): Promise<Sent[]> {
  const program = fileURLToPath(new URL('send-uploads.ts', import.meta.url));
  const running = promisify(execFile)(process.execPath, [program], { maxBuffer: 64_000_000 });
  running.child.stdin?.end(JSON.stringify(order));
  return JSON.parse((await running).stdout);
}

/** Wait until ingest is done with as many uploads as were taken, or until nothing has come for long: what has no row then is lost. */
async function waitForRows({ state, trace }: BenchCloud, count: number, { tell }: BenchPlace): Promise<ReferenceRow[]> {
  let most = 0;
  let grewAt = Date.now();
  await waitUntil('every upload has a row', MOST_SECONDS, async () => {
    const { size } = settledKeys(trace(), UPLOADS);
    if (size > most) {
      [most, grewAt] = [size, Date.now()];
      tell(`${size} of ${count} are settled`);
    }
    return size >= count || Date.now() - grewAt > QUIET_MS ? true : undefined;
  });
  return state.list(ReferenceRow);
}

function describeUploads(sent: readonly Sent[], rows: readonly ReferenceRow[]): Row[] {
  const first = Math.min(...sent.map(({ sentAt }) => sentAt));
  const mean = sent.length > 1 ? (Math.max(...sent.map(({ sentAt }) => sentAt)) - first) / (sent.length - 1) : 0;
  const byKey = new Map(rows.map((row) => [intakeKeys.subjectFile(row.subject, row.file), row]));
  return sent.map(({ key, sentAt, answeredAt }, index) => {
    const row = byKey.get(key);
    const since = (at: number): number => Math.round(at - first) / 1_000;
    return {
      part: 'upload',
      subject: key.split('/')[1] ?? '',
      sent: since(sentAt),
      // Milliseconds since the one before: their mean is the rate.
      gap: index === 0 ? mean : sentAt - (sent[index - 1]?.sentAt ?? sentAt),
      taken: answeredAt === null ? null : since(answeredAt),
      settled: row ? since(Date.parse(row.updatedAt)) : null,
      outcome: answeredAt === null ? 'refused' : (row?.state ?? 'lost'),
    };
  });
}

const secondsOver = (times: readonly number[]): number => (Math.max(...times) - Math.min(...times)) / 1_000;
