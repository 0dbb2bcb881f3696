import { describe, expect, it } from 'vitest';
import { BENCHES } from '../../../lib/bench/index.ts';
import { createBenchControl } from '../../../lib/cli/bench-control.ts';
import { BenchDocument } from '../../../lib/contracts/index.ts';
import { type } from './fakes.ts';

const document: BenchDocument = {
  document: 'bench',
  file: 'bench/base.json',
  differences: [],
  bench: {
    name: 'base',
    madeAt: '2026-11-22T12:00:00.000Z',
    machine: 'two cores',
    seed: 7,
    digests: {},
    subjects: ['a', 'b'],
    rowsFile: 'base.rows.jsonl.gz',
    claims: [
      {
        id: 'E1a',
        statement: 'reads portraits',
        direction: '>=',
        bar: 0.98,
        value: 0.91,
        low: 0.9,
        high: 0.92,
        n: 40,
        unit: 'share',
      },
      {
        id: 'E2d',
        statement: 'on drawn pictures',
        direction: '>=',
        bar: null,
        value: 0.5,
        low: 0.4,
        high: 0.6,
        n: 9,
        unit: 'share',
      },
    ],
  },
};

describe('troupe bench', () => {
  it('hands on what was typed, and goes on with earlier work unless told otherwise', async () => {
    const asked: unknown[] = [];
    const benches = {
      run: async (...words: unknown[]) => {
        asked.push(words.slice(0, 2));
        return document;
      },
      check: async () => document,
    };
    await type(['bench', 'base'], { benches });
    await type(['bench', 'base', '--seed', '7', '--quick', '--only', 'E1a, E2b', '--no-resume'], { benches });
    expect(asked).toEqual([
      ['base', { seed: 20_261_126, quick: false, resume: true, only: [] }],
      ['base', { seed: 7, quick: true, resume: false, only: ['E1a', 'E2b'] }],
    ]);
    expect((await type(['bench', 'base', '--seed', 'many'], { benches })).status).toBe(2);
  });

  it('shows each claim, and says of a miss that its cause is still to be looked for', async () => {
    const benches = { run: async () => document, check: async () => document };
    const { status, answer } = await type(['bench', 'base'], { benches });
    expect(status).toBe(0);
    expect(answer).toMatch(/E1a {2,}0\.91 share.*does not hold.*reads portraits/);
    expect(answer).toMatch(/E2d.*reported/);
    expect(answer).toContain('E1a: its cause has not been looked for');
    expect(BenchDocument.parse(JSON.parse((await type(['bench', 'base', '--json'], { benches })).answer))).toEqual(
      document,
    );
  });

  it('leaves with a known error when a committed value is not what the rows give', async () => {
    const benches = {
      run: async () => document,
      check: async () => ({ ...document, differences: ['E1a: low is 1, the rows give 0.9.'] }),
    };
    const { status, aside } = await type(['bench', 'check', 'base'], { benches });
    expect(status).toBe(2);
    expect(aside).toContain('E1a: low is 1');
    expect(
      (await type(['bench', 'check', 'base'], { benches: { ...benches, check: async () => document } })).status,
    ).toBe(0);
  });

  it('names the benches there are', async () => {
    const benches = createBenchControl('/nowhere', true);
    const { status, aside } = await type(['bench', 'nonsense'], { benches });
    expect(status).toBe(2);
    expect(aside).toContain(`There is no bench nonsense. There are: ${Object.keys(BENCHES).join(', ')}.`);
  });
});
