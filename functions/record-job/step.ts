import { type BatchJobStateChange, JobRow, rowKeys } from '../../lib/contracts/index.ts';
import type { Ports } from '../_shared/ports.ts';
import { askOnDemand } from './ask-on-demand.ts';
import { recordRender } from './record-render.ts';
import { recordTuning } from './record-tuning.ts';
import { type Ended, readShardVerdict, readVerdict } from './verdict.ts';

/** What a job’s end changes: the version or the campaign it worked for, then its own row. */
export async function recordJob(
  event: BatchJobStateChange,
  ports: Pick<Ports, 'library' | 'state' | 'queues' | 'batch' | 'log'>,
): Promise<void> {
  const { state, log } = ports;
  const [, job, epoch] = /^(job_[0-9a-f]{24})-(\d+)$/.exec(event.detail.jobName) ?? [];
  const ended = event.detail.status === 'SUCCEEDED' || event.detail.status === 'FAILED';
  if (!job || !ended) return log('event.ignored', { job: event.detail.jobName });
  const row = await state.get(JobRow, rowKeys.job(job));
  if (!row) return log('event.ignored', { jobId: job, batchJob: event.detail.jobId });
  // It was asked for again since: what became of the earlier asking decides nothing.
  if (Number(epoch) !== row.epoch) return log('job.superseded', { jobId: job, batchJob: event.detail.jobId });
  if (row.state === 'done' || row.state === 'failed') return log('job.already_recorded', { jobId: job });
  const shard = event.detail.arrayProperties?.index;
  const verdict =
    shard === undefined
      ? await readVerdict(row, event.detail, ports)
      : await readShardVerdict(row, shard, event.detail, ports);
  if (verdict.is === 'open') return log('job.still_open', { jobId: job, batchJob: event.detail.jobId });
  if (verdict.is === 'no-capacity') return askOnDemand(row, ports);
  const record = row.verb === 'tune' ? recordTuning : recordRender;
  await record(row, verdict, ports);
  // Last: while this row is open, the same event does all of the above again.
  await state.change(JobRow, rowKeys.job(job), (before) => before && close(before, verdict));
  log(verdict.is === 'done' ? 'job.done' : 'job.failed', {
    jobId: job,
    ...(verdict.is === 'done' ? verdict.seconds : { code: verdict.failure.code }),
  });
}

function close(row: JobRow, verdict: Ended): JobRow {
  if (row.state === 'done' || row.state === 'failed') return row;
  if (verdict.is === 'done') return { ...row, state: 'done', seconds: verdict.seconds };
  return { ...row, state: 'failed', failure: verdict.failure };
}
