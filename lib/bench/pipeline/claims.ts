import type { ClaimSpec, Row } from '../claims.ts';

const numbers = (rows: readonly Row[], field: string): number[] => rows.map((row) => Number(row[field]));
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
const meanOf = (field: string) => (rows: readonly Row[]) => mean(numbers(rows, field));
const most = (values: readonly number[]): number => values.reduce((one, other) => Math.max(one, other), -Infinity);
const least = (values: readonly number[]): number => values.reduce((one, other) => Math.min(one, other), Infinity);

const isDemo = ({ part }: Row): boolean => part === 'demo';
const isPlan = ({ part }: Row): boolean => part === 'plan';
const isPlanOf = (size: number) => (row: Row) => isPlan(row) && row.cells === size;
const isUpload = ({ part }: Row): boolean => part === 'upload';
const LARGEST = 1_000;

/** Mean seconds by number of cells, smallest plan first. */
function secondsBySize(rows: readonly Row[]): { cells: number; seconds: number }[] {
  const groups = [...Map.groupBy(rows, ({ cells }) => Number(cells))];
  return groups
    .map(([cells, same]) => ({ cells, seconds: mean(numbers(same, 'seconds')) }))
    .sort((one, other) => one.cells - other.cells);
}

/** A cell of the largest plan beside one of the cheapest smaller plan, per cell. */
function dearerByTimes(rows: readonly Row[]): number {
  const perCell = secondsBySize(rows).map(({ cells, seconds }) => seconds / cells);
  return (perCell.at(-1) ?? Number.NaN) / least(perCell.slice(0, -1));
}

/** What the next cell costs between the two largest plans, beside what it costs between the two before. */
function nextDearerByTimes(rows: readonly Row[]): number {
  const plans = secondsBySize(rows);
  const slopes = plans.slice(1).map(({ cells, seconds }, index) => {
    const before = plans[index] ?? { cells: 0, seconds: 0 };
    return (seconds - before.seconds) / (cells - before.cells);
  });
  return (slopes.at(-1) ?? Number.NaN) / (slopes.at(-2) ?? Number.NaN);
}

/** Most uploads that were sent and had no row, at one time. */
function deepest(rows: readonly Row[]): number {
  const steps = rows.flatMap((row) => [
    { at: Number(row.sent), by: 1 },
    ...(row.settled === null ? [] : [{ at: Number(row.settled), by: -1 }]),
  ]);
  let waiting = 0;
  return most(
    steps
      .sort((one, other) => one.at - other.at || one.by - other.by)
      .map(({ by }) => {
        waiting += by;
        return waiting;
      }),
  );
}

const settledLast = (rows: readonly Row[]): number => most(numbers(rows, 'settled')) - most(numbers(rows, 'sent'));
const countOf = (outcome: string) => (rows: readonly Row[]) => rows.filter((row) => row.outcome === outcome).length;

const perCell = (size: number, id: string): ClaimSpec => ({
  id,
  statement: `Seconds per cell of a plan of ${size}, from its upload to its last gated variant`,
  ...{ direction: '<=', bar: null, unit: 's', of: isPlanOf(size) },
  measure: (rows) => mean(numbers(rows, 'seconds')) / size,
});

/** What is said of the pipeline around the model: its share of a job, its cost per picture, and whether it loses anything. */
export const CLAIMS: readonly ClaimSpec[] = [
  {
    id: 'P2',
    statement:
      'Share of the demo’s job, from the first upload to the last gated variant, that is not model work: all but the phases of the worker (load the model, teach, draw), so starting Python counts as pipeline',
    ...{ direction: '<=', bar: 15, unit: '%', of: isDemo },
    measure: (rows) => 100 * (1 - mean(numbers(rows, 'modelSeconds')) / mean(numbers(rows, 'seconds'))),
  },
  {
    id: 'P2a',
    statement: 'The demo’s job whole',
    ...{ direction: '<=', bar: null, unit: 's', of: isDemo, measure: meanOf('seconds') },
  },
  {
    id: 'P2b',
    statement:
      'Of it, the worker’s processes outside their phases: Python and its libraries start, files are read and written',
    ...{ direction: '<=', bar: null, unit: 's', of: isDemo, measure: meanOf('workerOutsideSeconds') },
  },
  {
    id: 'P2c',
    statement: 'Of it, no worker at work: uploads, ingest, plan, dispatch, record, gate',
    ...{ direction: '<=', bar: null, unit: 's', of: isDemo, measure: meanOf('betweenSeconds') },
  },
  {
    id: 'P3',
    statement:
      'A cell of a plan of 1,000, times as dear in seconds as one of the cheapest smaller plan (1, 10, 100), drawn by a worker that takes no time',
    ...{ direction: '<=', bar: 1.1, unit: 'times', of: isPlan, measure: dearerByTimes },
  },
  {
    id: 'P3a',
    statement:
      'The next cell between 100 and 1,000, times as dear as between 10 and 100: what a fixed start cannot hide',
    ...{ direction: '<=', bar: 1.1, unit: 'times', of: isPlan, measure: nextDearerByTimes },
  },
  perCell(1, 'P3b'),
  perCell(10, 'P3c'),
  perCell(100, 'P3d'),
  perCell(LARGEST, 'P3e'),
  {
    id: 'P3f',
    statement: 'Of a plan of 1,000: seconds of functions per cell (plan, start, record, gate), as they are billed',
    ...{ direction: '<=', bar: null, unit: 's', of: isPlanOf(LARGEST) },
    measure: (rows) => mean(numbers(rows, 'functionSeconds')) / LARGEST,
  },
  {
    id: 'P4',
    statement: 'Of the pictures uploaded at 100 a second, those that ended without a row, accepted or rejected',
    ...{ direction: '<=', bar: 0, unit: 'pictures', of: isUpload },
    measure: (rows) => rows.filter(({ outcome }) => outcome !== 'accepted' && outcome !== 'rejected').length,
  },
  {
    id: 'P4a',
    statement: 'Pictures sent a second',
    ...{ direction: '>=', bar: 99, unit: 'pictures/s', of: isUpload },
    measure: (rows) => 1_000 / mean(numbers(rows, 'gap')),
  },
  {
    id: 'P4b',
    statement: 'Most uploads that waited at one time, sent and without a row',
    ...{ direction: '<=', bar: null, unit: 'pictures', of: isUpload, measure: deepest },
  },
  {
    id: 'P4c',
    statement: 'From the last upload until every one had its row',
    ...{ direction: '<=', bar: null, unit: 's', of: isUpload, measure: settledLast },
  },
  {
    id: 'P4d',
    statement: 'Rejected with a code: one in twenty was cut short before it was sent',
    ...{ direction: '<=', bar: null, unit: 'pictures', of: isUpload, measure: countOf('rejected') },
  },
  {
    id: 'P4e',
    statement: 'Seconds for which so many were sent',
    ...{ direction: '>=', bar: 60, unit: 's', of: isUpload },
    measure: (rows) => Math.round((rows.length * mean(numbers(rows, 'gap'))) / 1_000),
  },
];
