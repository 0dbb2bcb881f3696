import { createHash } from 'node:crypto';
import { existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Row } from '../claims.ts';
import { readRows, writeRows } from '../rows.ts';

/** What a part is measured on: another of any of these is another measurement. */
export interface Ground {
  checkout: string;
  /** Of the synthesised template, which names every byte that is deployed. */
  digest: string;
  seed: number;
  /** How much is measured. */
  settings: unknown;
}

/** Measure a part, or take the rows that an earlier run left of it: a part takes minutes, and the next may fail. */
export async function keepPart(
  name: string,
  { checkout, digest, seed, settings }: Ground,
  resume: boolean,
  measure: () => Promise<Row[]>,
): Promise<Row[]> {
  const ground = createHash('sha256')
    .update(JSON.stringify([digest, seed, settings]))
    .digest('hex');
  const file = join(checkout, '.bench/pipeline', `${name}-${ground.slice(0, 16)}.jsonl.gz`);
  if (resume && existsSync(file)) return readRows(file);
  const rows = await measure();
  mkdirSync(dirname(file), { recursive: true });
  writeRows(file, rows);
  return rows;
}
