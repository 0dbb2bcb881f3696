import { JobResult, type JobRow, libraryKeys } from '../../lib/contracts/index.ts';
import { readStored } from '../_rules/index.ts';
import type { Ports } from '../_shared/ports.ts';

/** Shards whose files are read, or that are asked about, at one time. */
const AT_ONCE = 16;

/** What each shard left, in their order; undefined where that is nothing that counts. */
export function readResults(row: JobRow, { library }: Pick<Ports, 'library'>): Promise<(JobResult | undefined)[]> {
  const shards = Array.from({ length: row.shards }, (_, shard) => shard);
  return inGroups(shards, async (shard) => {
    const folder = libraryKeys.jobState(row.job, shard, row.shards);
    const result = await readStored(JobResult, `${folder}result.json`, library);
    return result?.job === row.job && result.shard === shard && counts(result, row.epoch) ? result : undefined;
  });
}

/**
 * What was done in an earlier epoch is done: the worker of a later one finds it and leaves it as it is. What failed there may
 * have failed for what has changed since.
 */
const counts = ({ state, epoch }: JobResult, now: number): boolean =>
  epoch === now || (state === 'done' && epoch < now);

export function sumSeconds(results: readonly JobResult[]): Record<string, number> {
  const sum: Record<string, number> = {};
  for (const { seconds } of results) {
    for (const [phase, value] of Object.entries(seconds)) sum[phase] = (sum[phase] ?? 0) + value;
  }
  return sum;
}

export async function inGroups<T, R>(items: readonly T[], read: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let start = 0; start < items.length; start += AT_ONCE) {
    results.push(...(await Promise.all(items.slice(start, start + AT_ONCE).map(read))));
  }
  return results;
}
