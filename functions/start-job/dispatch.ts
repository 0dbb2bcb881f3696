import { type Job, JobRow, libraryKeys, rowKeys } from '../../lib/contracts/index.ts';
import { canonicalJson } from '../_shared/hash.ts';
import type { Ports } from '../_shared/ports.ts';

/**
 * Submit a job to Batch: intent, look-up by name, submission, record. A crash between any two of them is mended by asking
 * again. Two who ask at once may both submit; the worker’s claim lets one of the two go on, and the other ends at once.
 */
export async function dispatch(
  job: Job,
  { library, state, batch, log }: Pick<Ports, 'library' | 'state' | 'batch' | 'log'>,
): Promise<JobRow['state']> {
  const key = rowKeys.job(job.job);
  // Its id is a hash of all it asks for, so one that exists asks for the same.
  await library.create(libraryKeys.job(job.job), Buffer.from(canonicalJson(job)), 'application/json');
  const intent = await state.change(JobRow, key, (row) => row ?? newJobRow(job));
  if (intent?.state !== 'intended') {
    log('job.already_submitted', { jobId: job.job, state: intent?.state });
    return intent?.state ?? 'intended';
  }
  const { epoch, shards, market } = intent;
  const name = `${job.job}-${epoch}`;
  const found = await batch.find(name, market);
  const batchJob = found ?? (await batch.submit({ name, job: job.job, verb: job.verb, epoch, shards, market }));
  // The job may have ended before this line: what record-job wrote stays.
  const row = await state.change(JobRow, key, (before) =>
    before?.state === 'intended' ? { ...before, state: 'submitted' as const, batchJob } : undefined,
  );
  log('job.submitted', { jobId: job.job, batchJob, epoch, shards, market, foundAgain: found !== undefined });
  return row?.state ?? 'submitted';
}

function newJobRow(job: Job) {
  const about =
    job.verb === 'tune' ? { subject: job.subject, shards: 1 } : { campaign: job.campaign, shards: job.shards };
  return { row: 'job', job: job.job, verb: job.verb, state: 'intended', epoch: 1, market: 'spot', ...about } as const;
}
