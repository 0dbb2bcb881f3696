import { createHash } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { BenchOptions, BenchPlace } from '../bench.ts';
import type { Row } from '../claims.ts';
import { synthesise } from '../synthesise.ts';
import { typescriptBench } from '../typescript-bench.ts';
import { CLAIMS } from './claims.ts';
import { scratchFolder } from './cloud.ts';
import { measureDemo } from './demo-job.ts';
import { keepPart } from './parts.ts';
import { measurePlans } from './plans.ts';
import { measureUploads } from './uploads.ts';

/** The small plans before the large one and after it, so that whatever else the machine does meets both. */
const SIZES = [1, 10, 100, 1_000, 100, 10, 1];
/** A minute of uploads settles in a quarter of an hour: the local cloud's server answers one request at a time. */
const FULL = { demos: 1, plans: { sizes: SIZES, rounds: 1 }, uploads: { rate: 100, seconds: 60 } };
/** No demo: it takes minutes whatever is left out. */
const QUICK = { demos: 0, plans: { sizes: [1, 10, 40], rounds: 1 }, uploads: { rate: 20, seconds: 5 } };

/** What the pipeline around the model costs, each part in a local cloud of its own. */
export const pipelineBench = typescriptBench({
  name: 'pipeline',
  about: 'the pipeline around the model: its share of a job, its cost per picture, whether it loses uploads',
  claims: CLAIMS,
  async measure(options, place) {
    const scratch = scratchFolder(place.checkout);
    try {
      const cdkOut = join(scratch, 'cdk.out');
      synthesise(place.checkout, cdkOut);
      const template = digestOf(join(cdkOut, 'Troupe.template.json'));
      const models = digestOf(join(place.checkout, 'models/models.lock.json'));
      return { rows: await measureParts(cdkOut, template, options, place), digests: { template, models } };
    } finally {
      rmSync(scratch, { recursive: true, force: true });
    }
  },
});

const digestOf = (file: string): string => createHash('sha256').update(readFileSync(file)).digest('hex');

/** The parts that the claims asked for speak of. */
async function measureParts(
  cdkOut: string,
  digest: string,
  { seed, quick, only, resume }: BenchOptions,
  place: BenchPlace,
): Promise<Row[]> {
  const { plans, uploads, demos } = quick ? QUICK : FULL;
  const ground = { checkout: place.checkout, digest, seed };
  const wanted = (part: string): boolean => only.length === 0 || only.some((id) => id.startsWith(part));
  const rows: Row[] = [];
  const add = async (part: string, name: string, settings: unknown, measure: () => Promise<Row[]>): Promise<void> => {
    if (wanted(part)) rows.push(...(await keepPart(name, { ...ground, settings }, resume, measure)));
  };
  await add('P3', 'plans', plans, () => measurePlans(cdkOut, plans, place));
  await add('P4', 'uploads', uploads, () => measureUploads(cdkOut, { ...uploads, seed }, place));
  for (let run = 0; run < demos; run += 1) {
    await add('P2', `demo-${run}`, demos, async () => [await measureDemo(cdkOut, run, place)]);
  }
  return rows;
}
