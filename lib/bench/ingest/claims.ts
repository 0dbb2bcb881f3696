import type { ClaimSpec, Row } from '../claims.ts';

const numbers = (rows: readonly Row[], field: string): number[] => rows.map((row) => Number(row[field]));
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
const meanOf = (field: string) => (rows: readonly Row[]) => mean(numbers(rows, field));

const isRace = ({ part }: Row): boolean => part === 'race';
const isBundle = (name: RegExp) => (row: Row) => row.part === 'bundle' && name.test(String(row.function));
const isStart = (name: RegExp) => (row: Row) => row.part === 'start' && name.test(String(row.function));
const SEEING = /^(ingest-upload|gate-variants)$/;
const BLIND = /^(?!ingest-upload|gate-variants)/;

/** What is said of ingest before any GPU is used. Times are of one picture at a time. */
export const CLAIMS: readonly ClaimSpec[] = [
  {
    id: 'P1',
    statement:
      'Ingest of a 12-megapixel JPEG (decode, turn, resize, write again, embed, read figures, hash, measure), times as fast as a transformers + Pillow script',
    ...{ direction: '>=', bar: 3, unit: 'times', of: isRace },
    measure: (rows) => mean(numbers(rows, 'scriptMilliseconds')) / mean(numbers(rows, 'milliseconds')),
  },
  {
    id: 'P1a',
    statement: 'Ingest of a 12-megapixel JPEG',
    ...{ direction: '<=', bar: null, unit: 'ms', of: isRace, measure: meanOf('milliseconds') },
  },
  {
    id: 'P1b',
    statement: 'The script, the same pictures',
    ...{ direction: '<=', bar: null, unit: 'ms', of: isRace, measure: meanOf('scriptMilliseconds') },
  },
  {
    id: 'P1c',
    statement: 'Pictures of 12 megapixels a second, one process',
    ...{ direction: '>=', bar: null, unit: 'pictures/s', of: isRace },
    measure: (rows) => 1_000 / mean(numbers(rows, 'milliseconds')),
  },
  {
    id: 'P1d',
    statement: 'Least likeness of the two identity vectors of a picture: both sides did the same work',
    ...{ direction: '>=', bar: 0.99, unit: 'cosine', of: isRace },
    measure: (rows) => Math.min(...numbers(rows, 'cosine')),
  },
  {
    id: 'P1j',
    statement: 'Pictures in which both sides see as many figures',
    ...{ direction: '>=', bar: null, unit: 'share', of: isRace },
    measure: (rows) => rows.filter(({ sameFigures }) => sameFigures).length / rows.length,
  },
  {
    id: 'P1e',
    statement: 'Size of the PNG that is kept, beside that of the script (Pillow chooses a filter for every line)',
    ...{ direction: '<=', bar: null, unit: 'times', of: isRace },
    measure: (rows) => mean(numbers(rows, 'bytes')) / mean(numbers(rows, 'scriptBytes')),
  },
  {
    id: 'P1f',
    statement: 'Bundle of ingest-upload, unzipped, without models',
    ...{ direction: '<=', bar: 80, unit: 'MB', of: isBundle(/^ingest-upload$/), measure: meanOf('codeMegabytes') },
  },
  {
    id: 'P1g',
    statement: 'Largest bundle of a function that sees no pictures',
    ...{ direction: '<=', bar: null, unit: 'MB', of: isBundle(BLIND) },
    measure: (rows) => Math.max(...numbers(rows, 'codeMegabytes')),
  },
  {
    id: 'P1h',
    statement: 'Cold start of a function that sees pictures, from starting Node to a handler',
    ...{ direction: '<=', bar: null, unit: 'ms', of: isStart(SEEING), measure: meanOf('milliseconds') },
  },
  {
    id: 'P1i',
    statement: 'Cold start of the other functions',
    ...{ direction: '<=', bar: null, unit: 'ms', of: isStart(BLIND), measure: meanOf('milliseconds') },
  },
];
