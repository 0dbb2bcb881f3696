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
import { measurePlans } from './plans.ts';
import { measureUploads } from './uploads.ts';

/** The small plans before the large one and after it, so that whatever else the machine does meets both. */
const SIZES = [1, 10, 100, 1_000, 100, 10, 1];
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
      const lock = readFileSync(join(place.checkout, 'models/models.lock.json'));
      const rows = await measureParts(cdkOut, options, place);
      return { rows, digests: { models: createHash('sha256').update(lock).digest('hex') } };
    } finally {
      rmSync(scratch, { recursive: true, force: true });
    }
  },
});

/** The parts that the claims asked for speak of. */
async function measureParts(cdkOut: string, { seed, quick, only }: BenchOptions, place: BenchPlace): Promise<Row[]> {
  const amount = quick ? QUICK : FULL;
  const wanted = (part: string): boolean => only.length === 0 || only.some((id) => id.startsWith(part));
  const rows: Row[] = [];
  if (wanted('P3')) rows.push(...(await measurePlans(cdkOut, amount.plans, place)));
  if (wanted('P4')) rows.push(...(await measureUploads(cdkOut, { ...amount.uploads, seed }, place)));
  for (let run = 0; wanted('P2') && run < amount.demos; run += 1) rows.push(await measureDemo(cdkOut, run, place));
  return rows;
}
