import type { PreflightFinding } from '../contracts/index.ts';

const MARKS = { fine: 'ok  ', advice: 'note', stop: 'STOP' } as const;

/** What the preflight found, a line each, with what to do below it. */
export const findingsText = (findings: readonly PreflightFinding[]): string =>
  findings
    .map(({ level, sentence, next }) => `${MARKS[level]}  ${sentence}${next === undefined ? '' : `\n      ${next}`}`)
    .join('\n');
