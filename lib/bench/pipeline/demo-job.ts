import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readYaml } from '../../../functions/_rules/index.ts';
import { CampaignFile, intakeKeys, JobRow } from '../../contracts/index.ts';
import type { TraceEntry } from '../../local/index.ts';
import type { BenchPlace } from '../bench.ts';
import type { Row } from '../claims.ts';
import { waitForVariants } from './campaigns.ts';
import { inCloud, waitUntil } from './cloud.ts';
import { uploadSubject } from './demo-subject.ts';

const MOST_SECONDS = 3_600;

/** The job of `npm run demo` in a cloud of its own: one subject taught, another that waits, one campaign drawn and gated. */
export async function measureDemo(cdkOut: string, run: number, place: BenchPlace): Promise<Row> {
  const file = join(place.checkout, 'demo/campaign.yaml');
  const { campaign } = readYaml(readFileSync(file), CampaignFile, 'campaign_invalid', 'campaign.yaml');
  return inCloud(place, { cdkOut }, async (cloud) => {
    const began = Date.now();
    await uploadSubject(cloud, place.checkout, 'mina');
    await uploadSubject(cloud, place.checkout, 'rusty', 'face.png');
    await cloud.upload(intakeKeys.campaign(campaign, 'yaml'), readFileSync(file), 'application/yaml');
    const seconds = ((await waitForVariants(cloud, campaign, MOST_SECONDS)) - began) / 1_000;
    // A job's row is closed last, after what it made.
    const jobs = await waitUntil('every job is recorded', MOST_SECONDS, async () => {
      const rows = await cloud.state.list(JobRow);
      return rows.every(({ seconds: spent }) => spent !== undefined) ? rows : undefined;
    });
    const phases = jobs.flatMap((job) => Object.entries(job.seconds ?? {}));
    const modelSeconds = phases.reduce((sum, [, spent]) => sum + spent, 0);
    const workerSeconds = secondsAtWork(cloud.trace());
    place.tell(
      `the demo's job: ${seconds.toFixed(0)} s, the worker ${workerSeconds.toFixed(0)}, the model ${modelSeconds.toFixed(0)}`,
    );
    return {
      ...{ part: 'demo', subject: `run-${run}`, seconds, modelSeconds },
      ...{ workerOutsideSeconds: workerSeconds - modelSeconds, betweenSeconds: seconds - workerSeconds },
      ...{ phases: phases.map(([phase]) => phase), phaseSeconds: phases.map(([, spent]) => spent) },
    };
  });
}

/** Seconds between start and end of the worker's processes, all together: one runs at a time. */
function secondsAtWork(trace: readonly TraceEntry[]): number {
  const started = new Map(
    trace.filter(({ hop }) => hop === 'job.started').map(({ jobId, time }) => [jobId, Date.parse(time)]),
  );
  return trace
    .filter(({ hop }) => hop === 'job.ended')
    .reduce((sum, { jobId, time }) => sum + (Date.parse(time) - (started.get(jobId) ?? Number.NaN)) / 1_000, 0);
}
