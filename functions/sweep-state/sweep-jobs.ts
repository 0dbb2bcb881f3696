import { type BatchJobStateChange, JobRow } from '../../lib/contracts/index.ts';
import type { BatchJob } from '../_shared/ports.ts';
import { isSettled, type SweepPorts } from './settled.ts';

/** Jobs that nobody submitted are asked for again; of those that Batch has ended, or has forgotten, the end is told again. */
export async function sweepJobs({ state, queues, batch, now, log }: SweepPorts): Promise<number> {
  let found = 0;
  for (const row of await state.listOpen(JobRow)) {
    if (!isSettled(row.updatedAt, now())) continue;
    if (row.state === 'intended') {
      await askAgain(row, queues);
    } else {
      const job = row.batchJob === undefined ? undefined : await batch.describe(row.batchJob);
      if (job && job.status !== 'SUCCEEDED' && job.status !== 'FAILED') continue;
      await queues.jobChanges(endOf(row, job));
      log('job.end_told_again', { jobId: row.job, batchJob: row.batchJob, status: job?.status });
    }
    found += 1;
  }
  return found;
}

async function askAgain({ subject, campaign, job }: JobRow, queues: SweepPorts['queues']): Promise<void> {
  if (campaign) await queues.render({ event: 'campaign.planned', campaign, job });
  else if (subject) await queues.tuning({ event: 'subject.ready', subject });
}

/** The news of a job's end. Batch forgets a job a week after it has ended: then all that is left is what the worker wrote. */
const endOf = (row: JobRow, job: BatchJob | undefined): BatchJobStateChange => ({
  'detail-type': 'Batch Job State Change',
  source: 'aws.batch',
  detail: {
    jobId: row.batchJob ?? 'unknown',
    jobName: `${row.job}-${row.epoch}`,
    status: job?.status ?? 'FAILED',
    statusReason: job?.statusReason ?? 'Batch does not know this job any more',
    attempts: (job?.exitCodes ?? []).map((exitCode) => ({ container: { exitCode } })),
  },
});
