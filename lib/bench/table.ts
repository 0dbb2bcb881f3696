import { type BenchClaim, type BenchFile, claimHolds } from '../contracts/index.ts';

/** The claims as a Markdown table, for the README. */
export function writeTable({ name, madeAt, machine, seed, subjects, claims }: BenchFile): string {
  const lines = claims.map((claim) => {
    const bar = claim.bar === null ? 'reported' : `${claim.direction} ${figure(claim.bar)}`;
    const facts = [claim.id, claim.statement, bar, `**${figure(claim.value)}** ${claim.unit}`];
    return `| ${[...facts, `${figure(claim.low)} … ${figure(claim.high)}`, claim.n, verdict(claim)].join(' | ')} |`;
  });
  const causes = claims.filter((claim) => claim.cause !== undefined);
  return [
    `<!-- Written by \`troupe bench ${name}\`: do not edit. -->`,
    '| claim | what is said | bar | value | 95 % interval over subjects | n | |',
    '|---|---|---|---|---|---|---|',
    ...lines,
    '',
    `${subjects.length} subjects, seed ${seed}, ${madeAt.slice(0, 10)}, ${machine}.`,
    ...causes.flatMap(({ id, cause }) => ['', `${id} does not hold: ${cause}`]),
    '',
  ].join('\n');
}

const figure = (value: number): string => String(Number(value.toPrecision(4)));

function verdict(claim: BenchClaim): string {
  if (claim.bar === null) return '';
  return claimHolds(claim) ? 'holds' : 'does not hold';
}
