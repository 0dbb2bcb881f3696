import { createHash } from 'node:crypto';
import { type BenchCauses, BenchClaim, claimHolds } from '../contracts/index.ts';

/** One measured thing: numbers and words, never more. `subject` is what is resampled. */
export type Row = { subject: string } & Record<string, string | number | boolean | null | number[] | string[]>;

/** A claim and how its value is made from rows. */
export interface ClaimSpec extends Pick<BenchClaim, 'id' | 'statement' | 'direction' | 'bar' | 'unit'> {
  /** The rows it is about. */
  of(row: Row): boolean;
  measure(rows: readonly Row[]): number;
}

const RESAMPLES = 1_000;

/** Return the claim with its value and its 95 % interval over subjects, or undefined where no row speaks of it. */
export function judgeClaim(
  spec: ClaimSpec,
  rows: readonly Row[],
  causes: BenchCauses[string] = {},
): BenchClaim | undefined {
  const about = rows.filter((row) => spec.of(row));
  if (about.length === 0) return undefined;
  const value = spec.measure(about);
  const groups = [...Map.groupBy(about, (row) => row.subject).values()];
  const random = createRandom(spec.id);
  const resampled = Array.from({ length: RESAMPLES }, () =>
    spec.measure(groups.flatMap(() => groups[Math.floor(random() * groups.length)] ?? [])),
  ).sort((a, b) => a - b);
  const { id, statement, direction, bar, unit } = spec;
  const [low = value, high = value] = [
    resampled[Math.floor(0.025 * RESAMPLES)],
    resampled[Math.ceil(0.975 * RESAMPLES) - 1],
  ];
  const cause = claimHolds({ bar, value, direction }) ? undefined : causes[id];
  const claim = { id, statement, direction, bar, value: round(value), low: round(low), high: round(high) };
  return BenchClaim.parse({ ...claim, n: about.length, unit, ...(cause === undefined ? {} : { cause }) });
}

const round = (value: number): number => Number(value.toPrecision(6));

/** Numbers in 0..1 that the claim's name decides: the same rows give the same interval (mulberry32). */
function createRandom(name: string): () => number {
  let state = createHash('sha256').update(name).digest().readUInt32LE(0);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
