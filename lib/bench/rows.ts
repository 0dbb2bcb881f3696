import { readFileSync, writeFileSync } from 'node:fs';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { Row } from './claims.ts';

/** Rows as `.jsonl.gz`: one JSON object a line. The same rows are the same bytes. */
export function writeRows(file: string, rows: readonly Row[]): void {
  writeFileSync(file, gzipSync(rows.map((row) => `${JSON.stringify(row)}\n`).join(''), { level: 9 }));
}

export function readRows(file: string): Row[] {
  const lines = gunzipSync(readFileSync(file)).toString('utf8').split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Row);
}
