import { type BatchJobStateChange, Claim, type JobRow, libraryKeys, NO_MACHINE } from '../../lib/contracts/index.ts';
import { readStored } from '../_rules/index.ts';
import type { Ports } from '../_shared/ports.ts';
import { describeEnd, type Failure } from './describe-end.ts';
import { inGroups, readResults, sumSeconds } from './results.ts';

type Detail = BatchJobStateChange['detail'];
type Library = Pick<Ports, 'library'>;

/** How a job ended: done, failed for good, for want of spot machines, or not at all, since another Batch job does its work. */
export type Verdict =
  | { is: 'done'; seconds: Record<string, number> }
  | { is: 'failed'; failure: Failure }
  | { is: 'no-capacity' }
  | { is: 'open' };

/** A verdict that closes the job. */
export type Ended = Extract<Verdict, { is: 'done' | 'failed' }>;

/** Shards that Batch is asked about when they left nothing: where one found no machine, nearly all did. */
const ASKED_ABOUT = 64;

/** Read what the worker left, and say how the job ended. */
export async function readVerdict(
  row: JobRow,
  detail: Detail,
  ports: Pick<Ports, 'library' | 'batch'>,
): Promise<Verdict> {
  const results = await readResults(row, ports);
  const failed = results.find((result) => result?.state === 'failed');
  if (failed?.state === 'failed') return { is: 'failed', failure: { code: failed.code, sentence: failed.sentence } };
  const missing = [...results.keys()].filter((shard) => !results[shard]);
  if (missing.length === 0) return { is: 'done', seconds: sumSeconds(results.flatMap((result) => result ?? [])) };
  if (await anotherWorks(row, missing, detail.jobId, ports)) return { is: 'open' };
  const statusReason = (await reasonOfShards(row, missing, detail, ports)) ?? detail.statusReason;
  if (row.market === 'spot' && statusReason?.includes(NO_MACHINE)) return { is: 'no-capacity' };
  return { is: 'failed', failure: describeEnd(row, missing, { ...detail, statusReason }) };
}

/**
 * Of an array job only its shards wait for machines, one after the other at the head of the queue: the first that spot has none
 * for speaks for them all. Whatever else becomes of a shard, its parent's end tells.
 */
export async function readShardVerdict(
  row: JobRow,
  shard: number,
  detail: Detail,
  ports: Library,
): Promise<Extract<Verdict, { is: 'no-capacity' | 'open' }>> {
  if (row.market !== 'spot' || !detail.statusReason?.includes(NO_MACHINE)) return { is: 'open' };
  const results = await readResults(row, ports);
  // A job of which one shard failed for good has failed, at any price.
  if (results[shard] || results.some((result) => result?.state === 'failed')) return { is: 'open' };
  const [parent = ''] = detail.jobId.split(':');
  return { is: (await anotherWorks(row, [shard], parent, ports)) ? 'open' : 'no-capacity' };
}

/** That a shard found no machine: its parent's end says only that a shard failed, and may be heard before the shard's own. */
async function reasonOfShards(
  row: JobRow,
  missing: readonly number[],
  { status, jobId }: Detail,
  { batch }: Pick<Ports, 'batch'>,
): Promise<string | undefined> {
  if (row.shards === 1 || status !== 'FAILED') return undefined;
  const ended = await inGroups(missing.slice(0, ASKED_ABOUT), (shard) => batch.describe(`${jobId}:${shard}`));
  return ended.find((shard) => shard?.statusReason?.includes(NO_MACHINE))?.statusReason;
}

/**
 * Two who asked at once may both have submitted the job. Then the worker of one holds the claim, and the other’s ended at
 * once with nothing: its end is no end of the job.
 */
async function anotherWorks(
  row: JobRow,
  missing: readonly number[],
  batchJob: string,
  { library }: Library,
): Promise<boolean> {
  const claims = await inGroups(missing, (shard) =>
    readStored(Claim, `${libraryKeys.jobState(row.job, shard, row.shards)}claim.json`, library),
  );
  // A shard’s holder is `<id of the array job>:<index>`.
  const strangers = claims.filter(
    (claim) => claim && claim.epoch === row.epoch && claim.holder.split(':')[0] !== batchJob,
  );
  if (strangers.length > 0) return true;
  const unclaimed = claims.every((claim) => !claim);
  return unclaimed && row.batchJob !== undefined && row.batchJob !== batchJob;
}
