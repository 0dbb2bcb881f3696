import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  BENCHES,
  findBench,
  judgeClaim,
  type Row,
  readRows,
  typescriptBench,
  writeRows,
} from '../../lib/bench/index.ts';
import { BenchFile, claimHolds } from '../../lib/contracts/index.ts';

const spec = {
  id: 'X1',
  statement: 'uploads are checked',
  direction: '<=' as const,
  bar: 10,
  unit: 'ms',
  of: (row: Row) => row.kind === 'jpeg',
  measure: (rows: readonly Row[]) => rows.reduce((sum, row) => sum + Number(row.milliseconds), 0) / rows.length,
};
const rows: Row[] = [4, 6, 20, 40].map((milliseconds, index) => ({
  subject: `s${index % 2}`,
  kind: 'jpeg',
  milliseconds,
}));

describe('a claim', () => {
  it('has a value, an interval over subjects that its name decides, and a cause when it misses', () => {
    const claim = judgeClaim(spec, rows, { X1: 'large pictures' });
    expect(claim).toMatchObject({ value: 17.5, n: 4, low: 12, high: 23, cause: 'large pictures' });
    expect(judgeClaim(spec, rows, { X1: 'large pictures' })).toEqual(claim);
    expect(judgeClaim({ ...spec, bar: 20 }, rows, { X1: 'large pictures' })).not.toHaveProperty('cause');
  });

  it('is not made where no row speaks of it', () => {
    expect(judgeClaim(spec, [{ subject: 'a', kind: 'png' }])).toBeUndefined();
  });

  it('without a bar cannot fail, and at its bar holds', () => {
    expect(claimHolds({ bar: null, value: 9, direction: '>=' })).toBe(true);
    expect(claimHolds({ bar: 9, value: 9, direction: '<=' })).toBe(true);
    expect(claimHolds({ bar: 9, value: 9.1, direction: '<=' })).toBe(false);
  });
});

describe('a bench', () => {
  let checkout: string;
  beforeEach(() => {
    checkout = mkdtempSync(join(tmpdir(), 'bench-'));
  });
  afterEach(() => rmSync(checkout, { recursive: true }));
  const place = () => ({ checkout, silent: true, tell: () => {} });
  const bench = typescriptBench({
    name: 'tried',
    about: 'a bench to try',
    claims: [spec],
    measure: async () => ({ rows, digests: {} }),
  });
  const options = { seed: 1, quick: false, only: [], resume: true };

  it('writes a file of the contract, and finds what its rows do not give again', async () => {
    const file = await bench.run(options, place());
    const written = BenchFile.parse(JSON.parse(readFileSync(file, 'utf8')));
    expect(written.subjects).toEqual(['s0', 's1']);
    expect(await bench.check(place())).toEqual([]);
    const [claim] = written.claims;
    writeFileSync(file, JSON.stringify({ ...written, claims: [{ ...claim, low: 1 }] }));
    expect(await bench.check(place())).toEqual(['X1: low is 1, the rows give 12.']);
  });

  it('does not touch the committed results in a quick or partial run', async () => {
    for (const part of [{ quick: true }, { only: ['X1'] }]) {
      expect(await bench.run({ ...options, ...part }, place())).toContain(join('.bench', 'results'));
    }
  });

  it('keeps rows as bytes that the rows decide', () => {
    const [one, two] = [join(checkout, 'one'), join(checkout, 'two')];
    writeRows(one, rows);
    writeRows(two, readRows(one));
    expect(readFileSync(one)).toEqual(readFileSync(two));
  });

  it('is found by its row in the table', async () => {
    for (const name of Object.keys(BENCHES)) expect((await findBench(name))?.about).toMatch(/\w/);
    const python = readFileSync('containers/bench/troupe_bench/benches.py', 'utf8');
    for (const [, name = ''] of python.matchAll(/"([a-z]+)": "troupe_bench\./g))
      expect(Object.keys(BENCHES)).toContain(name);
    expect(await findBench('nonsense')).toBeUndefined();
    expect(await findBench('toString')).toBeUndefined();
  });
});
