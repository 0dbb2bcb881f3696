import { JobRow, rowKeys } from '../../lib/contracts/index.ts';
import type { Ports } from '../_shared/ports.ts';

/** Spot had no machine for a job for hours: ask for it again where machines always are, under the next epoch. */
export async function askOnDemand(
  { job, epoch, subject, campaign }: JobRow,
  { state, queues, log }: Pick<Ports, 'state' | 'queues' | 'log'>,
): Promise<void> {
  // The epoch first: should the spot job still start somewhere, its worker finds itself superseded.
  const row = await state.change(JobRow, rowKeys.job(job), (before) =>
    before?.epoch === epoch && before.state === 'submitted'
      ? { ...before, state: 'intended' as const, epoch: epoch + 1, market: 'on-demand' as const, batchJob: undefined }
      : undefined,
  );
  if (row?.state !== 'intended') return log('job.not_moved', { jobId: job, state: row?.state });
  if (campaign) await queues.render({ event: 'campaign.planned', campaign, job });
  else if (subject) await queues.tuning({ event: 'subject.ready', subject });
  log('job.moved_on_demand', { jobId: job, epoch: row.epoch });
}
