import { fileURLToPath } from 'node:url';
import { intakeKeys } from '../../contracts/index.ts';
import type { BenchPlace } from '../bench.ts';
import type { Row } from '../claims.ts';
import { waitForVariants } from './campaigns.ts';
import { type BenchCloud, inCloud } from './cloud.ts';
import { uploadSubject, waitForTuning } from './demo-subject.ts';

const SUBJECT = 'mina';
const MOST_SECONDS = 1_800;

/** In place of the worker's image: a program that draws at once. */
const INSTANT = [
  { holds: 'troupe_worker', interpreter: fileURLToPath(new URL('instant-worker.ts', import.meta.url)) },
  {
    holds: 'containers/worker/troupe_worker',
    interpreter: fileURLToPath(new URL('instant-worker.ts', import.meta.url)),
  },
];

/** What a plan of each size costs when drawing costs nothing: seconds from its upload to its last gated variant. */
export async function measurePlans(
  cdkOut: string,
  { sizes, rounds }: { sizes: readonly number[]; rounds: number },
  place: BenchPlace,
): Promise<Row[]> {
  return inCloud(place, { cdkOut, images: INSTANT }, async (cloud) => {
    await uploadSubject(cloud, place.checkout, SUBJECT);
    await waitForTuning(cloud, SUBJECT, MOST_SECONDS);
    // Not counted: it finds every function cold.
    await runPlan(cloud, 'warm-up', 1);
    const rows: Row[] = [];
    for (let round = 0; round < rounds; round += 1) {
      for (const [turn, cells] of sizes.entries()) {
        const campaign = `cells-${cells}-${round}-${turn}`;
        const measured = await runPlan(cloud, campaign, cells);
        rows.push({ part: 'plan', subject: `round-${round}`, cells, ...measured });
        place.tell(`${cells} cells: ${measured.seconds.toFixed(1)} s, ${(measured.seconds / cells).toFixed(3)} a cell`);
      }
    }
    return rows;
  });
}

async function runPlan(cloud: BenchCloud, campaign: string, cells: number) {
  const began = Date.now();
  await cloud.upload(intakeKeys.campaign(campaign, 'yaml'), campaignOf(campaign, cells), 'application/yaml');
  const ended = await waitForVariants(cloud, campaign, MOST_SECONDS);
  const seconds = (ended - began) / 1_000;
  return { seconds, functionSeconds: functionSeconds(cloud, began) };
}

/** Seconds that functions worked since then, all invocations together: what the account would be billed for. */
function functionSeconds(cloud: BenchCloud, since: number): number {
  return cloud
    .trace()
    .filter(({ hop, time }) => hop === 'function.finished' && Date.parse(time) >= since)
    .reduce((sum, { milliseconds = 0 }) => sum + milliseconds / 1_000, 0);
}

/** Pictures that one prompt may ask for. */
const MOST_SEEDS = 50;

/** A campaign of so many cells: as many prompts as it takes. */
function campaignOf(campaign: string, cells: number): string {
  const seeds = Math.min(cells, MOST_SEEDS);
  const prompts = Array.from({ length: Math.ceil(cells / seeds) }, (_, index) => `{${SUBJECT}} in scene ${index}`);
  return JSON.stringify({ campaign, subjects: [SUBJECT], prompts, seeds, sampler: { steps: 1 } });
}
