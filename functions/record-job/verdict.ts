import {
  type BatchJobStateChange,
  Claim,
  type FailureCode,
  JobResult,
  type JobRow,
  libraryKeys,
} from '../../lib/contracts/index.ts';
import { nameSome, readStored } from '../_rules/index.ts';
import type { Ports } from '../_shared/ports.ts';

type Detail = BatchJobStateChange['detail'];
type Library = Pick<Ports, 'library'>;
export type Failure = { code: FailureCode; sentence: string };

/** How a job ended: done, failed for good, for want of spot machines, or not at all, since another Batch job does its work. */
export type Verdict =
  | { is: 'done'; seconds: Record<string, number> }
  | { is: 'failed'; failure: Failure }
  | { is: 'no-capacity' }
  | { is: 'open' };

/** A verdict that closes the job. */
export type Ended = Extract<Verdict, { is: 'done' | 'failed' }>;

/** Shards whose files are read at one time. */
const AT_ONCE = 16;

/** Read what the worker left, and say how the job ended. Only results of the row’s epoch count. */
export async function readVerdict(row: JobRow, detail: Detail, ports: Library): Promise<Verdict> {
  const shards = Array.from({ length: row.shards }, (_, shard) => shard);
  const results = await inGroups(shards, (shard) => readResult(row, shard, ports));
  const failed = results.find((result) => result?.state === 'failed');
  if (failed?.state === 'failed') return { is: 'failed', failure: { code: failed.code, sentence: failed.sentence } };
  const missing = shards.filter((shard) => !results[shard]);
  if (missing.length === 0) return { is: 'done', seconds: sumSeconds(results.flatMap((result) => result ?? [])) };
  if (await anotherWorks(row, missing, detail, ports)) return { is: 'open' };
  if (row.market === 'spot' && NO_CAPACITY.test(detail.statusReason ?? '')) return { is: 'no-capacity' };
  return { is: 'failed', failure: describeEnd(row, missing, detail) };
}

async function readResult(row: JobRow, shard: number, { library }: Library): Promise<JobResult | undefined> {
  const folder = libraryKeys.jobState(row.job, shard, row.shards);
  const result = await readStored(JobResult, `${folder}result.json`, library);
  const ours = result?.job === row.job && result.epoch === row.epoch && result.shard === shard;
  return ours ? result : undefined;
}

/**
 * Two who asked at once may both have submitted the job. Then the worker of one holds the claim, and the other’s ended at
 * once with nothing: its end is no end of the job.
 */
async function anotherWorks(
  row: JobRow,
  missing: readonly number[],
  detail: Detail,
  { library }: Library,
): Promise<boolean> {
  const claims = await inGroups(missing, (shard) =>
    readStored(Claim, `${libraryKeys.jobState(row.job, shard, row.shards)}claim.json`, library),
  );
  // A shard’s holder is `<id of the array job>:<index>`.
  const strangers = claims.filter(
    (claim) => claim && claim.epoch === row.epoch && claim.holder.split(':')[0] !== detail.jobId,
  );
  if (strangers.length > 0) return true;
  const unclaimed = claims.every((claim) => !claim);
  return unclaimed && row.batchJob !== undefined && row.batchJob !== detail.jobId;
}

/** What Batch says of a job that it gave up on while it waited for a machine. */
const NO_CAPACITY = /CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY/;

/** Exit statuses of a worker that was stopped and could have gone on: asked to requeue, or killed. None: it never came up. */
const STOPPED = new Set([undefined, 75, 137, 143]);

/** How its owner has it tried again: what asks for the same as before is the same job, and that has ended. */
const AGAIN = {
  tune: 'To have it tried again, change a reference or a setting of the subject and upload its subject.yaml.',
  render: 'To have it tried again, upload the campaign under another name.',
} as const;

/** What is known of a job that ended without a result, and what can be done about it. */
function describeEnd(row: JobRow, missing: readonly number[], detail: Detail): Failure {
  const reason = detail.statusReason ? ` Batch says: ${detail.statusReason.slice(0, 300)}` : '';
  const again = AGAIN[row.verb];
  if (detail.isCancelled || detail.isTerminated)
    return { code: 'cancelled', sentence: `The job was cancelled. ${again}${reason}` };
  if (NO_CAPACITY.test(detail.statusReason ?? '')) {
    const sentence = `No GPU machine was free for hours, on the spot market or at full price. Later, or in another region: ${again}${reason}`;
    return { code: 'no_capacity', sentence };
  }
  const attempts = detail.attempts ?? [];
  const exitCode = attempts.at(-1)?.container?.exitCode;
  if (detail.status === 'FAILED' && attempts.length > 0 && STOPPED.has(exitCode)) {
    const times = attempts.length === 1 ? 'once' : `${attempts.length} times`;
    return {
      code: 'attempts_exhausted',
      sentence: `The job was started ${times} and stopped each time before it was done; its log says at what. ${again}${reason}`,
    };
  }
  if (row.shards > 1) {
    const names = nameSome(missing.map(String));
    return {
      code: 'no_result',
      sentence: `${missing.length} of ${row.shards} shards ended without a result: ${names}; their logs say why. ${again}${reason}`,
    };
  }
  const exit = exitCode === undefined ? '' : ` with exit status ${exitCode}`;
  return {
    code: 'no_result',
    sentence: `The worker ended${exit} and left no result; its log says why. ${again}${reason}`,
  };
}

function sumSeconds(results: readonly JobResult[]): Record<string, number> {
  const sum: Record<string, number> = {};
  for (const { seconds } of results) {
    for (const [phase, value] of Object.entries(seconds)) sum[phase] = (sum[phase] ?? 0) + value;
  }
  return sum;
}

async function inGroups<T, R>(items: readonly T[], read: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let start = 0; start < items.length; start += AT_ONCE) {
    results.push(...(await Promise.all(items.slice(start, start + AT_ONCE).map(read))));
  }
  return results;
}
