import {
  type CampaignRow,
  type JobProgress,
  type JobRow,
  PATIENCE_HOURS,
  type SubjectRow,
  SWEEP_MINUTES,
  type WaitCode,
  type WaitSeen,
} from '../contracts/index.ts';
import type { BatchSeen } from './cloud.ts';
import { progressInWords } from './words.ts';

/** What is known of a job that is not over, besides its row. */
export interface OpenJob {
  row: JobRow;
  /** What Batch says of it, or undefined when it knows no such job. */
  batch: BatchSeen | undefined;
  progress: readonly JobProgress[];
}

const SWEEP = `the sweep, which looks every ${SWEEP_MINUTES} minutes`;

/** The table of waits: by what something waits for, what happens next. Those that wait for a job are told by the job. */
const NEXT: Record<Exclude<WaitCode, 'tuning' | 'rendering'>, string> = {
  manifest_missing: 'It goes on by itself when a subject.yaml that can be read is there.',
  references_missing: 'It goes on by itself when they are there, or when a new subject.yaml no longer names them.',
  references_all_rejected: 'It goes on by itself when a picture is accepted.',
  passport_expired: 'Nothing is made of the subject until then; a campaign that waits for it goes on by itself.',
  subject_unknown: 'It goes on by itself when the subject is tuned.',
  subject_not_ready: 'It goes on by itself when the subject is tuned.',
  subject_not_tuned: 'It goes on by itself when the subject is tuned.',
  subject_failed: 'It goes on by itself when the subject is tuned after all.',
  base_model_changed: 'Nothing happens until then: the upload has it tuned anew, and after that it goes on by itself.',
  scheduled: 'The schedule’s next tick makes a campaign of its own.',
};

/** The same table for jobs, by the state that Batch has for them. */
const NEXT_OF_JOB: Record<string, (job: OpenJob) => string> = {
  SUBMITTED: () => 'Batch has taken it and looks for a machine.',
  PENDING: ({ batch }) => `Batch has taken it; its shards: ${countShards(batch?.shards)}.`,
  RUNNABLE: ({ row, batch }) => {
    const why = batch?.statusReason ? ` (${batch.statusReason})` : '';
    return row.market === 'spot'
      ? `It waits for a spot machine${why}; when there is none for ${PATIENCE_HOURS} hours, it is asked for at full price.`
      : `It waits for a machine at full price${why}; when there is none for ${PATIENCE_HOURS} hours, it fails and says so.`;
  },
  STARTING: () => 'A machine is there, and starts the worker.',
  RUNNING: ({ progress }) =>
    progress.length === 0
      ? 'The worker has begun.'
      : `The worker is at it: ${progress.slice(0, 3).map(progressInWords).join('; ')}${progress.length > 3 ? '; …' : ''}.`,
  SUCCEEDED: () => `It has ended well, and is about to be recorded, at the latest by ${SWEEP}.`,
  FAILED: ({ batch }) =>
    `It has ended${batch?.statusReason ? ` (${batch.statusReason})` : ''}, and is about to be recorded, at the latest by ${SWEEP}.`,
};

/** `3 running, 20 succeeded`. */
const countShards = (shards: Record<string, number> = {}): string =>
  Object.entries(shards)
    .filter(([, count]) => count > 0)
    .map(([state, count]) => `${count} ${state.toLowerCase()}`)
    .join(', ') || 'none begun';

function nextOf(job: OpenJob): string {
  if (job.row.state === 'intended') return `It is about to be submitted, at the latest by ${SWEEP}.`;
  if (job.batch === undefined) return `Batch does not know it any more: it is ended by ${SWEEP}.`;
  return NEXT_OF_JOB[job.batch.status]?.(job) ?? `Batch says ${job.batch.status}.`;
}

/** One line for each thing that waits: what, why, since when, and what happens next. */
export function waitsOf(
  subjects: readonly SubjectRow[],
  campaigns: readonly CampaignRow[],
  open: readonly OpenJob[],
  now: Date,
): WaitSeen[] {
  const byId = new Map(open.map((job) => [job.row.job, job]));
  const told = new Set<string>();
  const waits = [...subjects, ...campaigns].flatMap((row): WaitSeen[] => {
    const thing =
      row.row === 'subject'
        ? { of: 'subject' as const, name: row.subject }
        : { of: 'campaign' as const, name: row.campaign };
    const job = row.state === 'waiting' ? undefined : byId.get(row.job ?? '');
    if (job) told.add(job.row.job);
    if (row.state === 'ready' || row.state === 'planned') {
      const sentence = row.row === 'subject' ? 'Its pictures are complete.' : `Its ${row.cells} pictures are planned.`;
      const next = job ? nextOf(job) : `Its job is about to be submitted, at the latest by ${SWEEP}.`;
      return [{ ...thing, code: row.state, sentence, since: row.updatedAt, next }];
    }
    if (!row.wait) return [];
    const next = isOver(row, now) ? SCHEDULE_OVER : nextOfWait(row.wait.code, job);
    return [{ ...thing, ...row.wait, next }];
  });
  // Jobs whose owner has gone on without them: a newer set of pictures has taken their place.
  const others = open.filter(({ row }) => !told.has(row.job)).map((job) => waitOfJob(job));
  return [...waits, ...others];
}

const SCHEDULE_OVER =
  'Its `until` is over, and it is drawn no more; upload the file with a later one to have it go on.';

/** Whether a schedule’s last moment has passed: the scheduler drops it then, and tells nobody. */
const isOver = (row: SubjectRow | CampaignRow, now: Date): boolean => {
  const until = row.row === 'campaign' && row.state === 'scheduled' ? row.file?.schedule?.until : undefined;
  return until !== undefined && new Date(until) <= now;
};

function nextOfWait(code: WaitCode, job: OpenJob | undefined): string {
  if (code !== 'tuning' && code !== 'rendering') return NEXT[code];
  return job ? nextOf(job) : 'It goes on by itself when that is done.';
}

function waitOfJob(job: OpenJob): WaitSeen {
  const { job: name, verb, subject, campaign, updatedAt: since } = job.row;
  const sentence = `It is to ${verb} ${subject ?? campaign}.`;
  return {
    of: 'job',
    name,
    code: job.row.state === 'intended' ? 'intended' : 'submitted',
    sentence,
    since,
    next: nextOf(job),
  };
}
