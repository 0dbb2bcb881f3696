import { type BenchDocument, claimHolds } from '../contracts/index.ts';
import { formatTable } from './words.ts';

/** The claims as a table for people, and where the whole of it lies. */
export function benchText({ file, bench }: BenchDocument): string {
  const rows = bench.claims.map((claim) => [
    claim.id,
    `${figure(claim.value)} ${claim.unit}`,
    `${figure(claim.low)} … ${figure(claim.high)}`,
    claim.bar === null ? 'reported' : `${claim.direction} ${figure(claim.bar)}`,
    claim.bar === null ? '' : claimHolds(claim) ? 'holds' : 'does not hold',
    claim.statement,
  ]);
  const missed = bench.claims.filter((claim) => !claimHolds(claim));
  const causes = missed.map(({ id, cause }) => `${id}: ${cause ?? 'its cause has not been looked for'}`);
  const table = formatTable(['claim', 'value', '95 % interval', 'bar', '', 'statement'], rows);
  return [table, ...causes, `${bench.subjects.length} subjects, seed ${bench.seed}: ${file}`].join('\n');
}

const figure = (value: number): string => String(Number(value.toPrecision(4)));
