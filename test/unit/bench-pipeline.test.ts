import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { judgeClaim, type Row } from '../../lib/bench/index.ts';
import { CLAIMS } from '../../lib/bench/pipeline/claims.ts';
import { keepPart } from '../../lib/bench/pipeline/parts.ts';

const value = (id: string, rows: readonly Row[]): number | undefined => {
  const spec = CLAIMS.find((one) => one.id === id);
  return spec && judgeClaim(spec, rows)?.value;
};

const plan = (cells: number, seconds: number, subject = 'round-0'): Row => ({
  ...{ part: 'plan', subject, cells, seconds, functionSeconds: seconds / 2 },
});
const upload = (sent: number, settled: number | null, outcome: string): Row => ({
  ...{ part: 'upload', subject: `crowd-${sent}`, sent, gap: 20, taken: sent, settled, outcome },
});

describe('a part of the bench', () => {
  it('is measured once on the same ground, and again on another or when nothing is to be resumed', async () => {
    const checkout = mkdtempSync(join(tmpdir(), 'bench-'));
    const ground = { checkout, digest: 'a'.repeat(64), seed: 1, settings: { seconds: 60 } };
    let measured = 0;
    const measure = async () => [{ subject: 's', measured: ++measured }];
    try {
      await keepPart('plans', ground, true, measure);
      expect(await keepPart('plans', ground, true, measure)).toEqual([{ subject: 's', measured: 1 }]);
      for (const other of [{ digest: 'b'.repeat(64) }, { seed: 2 }, { settings: { seconds: 5 } }]) {
        await keepPart('plans', { ...ground, ...other }, true, measure);
      }
      expect(measured).toBe(4);
      expect(await keepPart('plans', ground, false, measure)).toEqual([{ subject: 's', measured: 5 }]);
    } finally {
      rmSync(checkout, { recursive: true });
    }
  });
});

describe('the claims of the pipeline', () => {
  it('count as model work what the worker says it did, and nothing else', () => {
    const demo = { part: 'demo', subject: 'run-0', seconds: 200, modelSeconds: 180, workerOutsideSeconds: 12 };
    expect(value('P2', [{ ...demo, betweenSeconds: 8 }])).toBeCloseTo(10);
    expect(value('P3', [{ ...demo, betweenSeconds: 8 }])).toBeUndefined();
  });

  it('compare a large plan with the cheapest smaller one, and what the next cell costs with what it cost before', () => {
    // 2 s to start and 0.1 s a cell: per cell ever cheaper, and the next cell costs the same.
    const flat = [1, 10, 100, 1_000].map((cells) => plan(cells, 2 + cells / 10));
    expect(value('P3', flat)).toBeCloseTo(102 / 1_000 / (12 / 100));
    expect(value('P3a', flat)).toBeCloseTo(1);
    // Each cell looks at every other.
    const squared = [1, 10, 100, 1_000].map((cells) => plan(cells, 2 + cells / 10 + cells ** 2 / 10_000));
    expect(value('P3', squared)).toBeGreaterThan(1.1);
    expect(value('P3a', squared)).toBeGreaterThan(1.1);
  });

  it('do not let a fixed start hide a cell that grows dearer', () => {
    const hidden = [plan(10, 11), plan(100, 20), plan(1_000, 190)];
    expect(value('P3', hidden)).toBeLessThan(1.1);
    expect(value('P3a', hidden)).toBeCloseTo(170 / 900 / (9 / 90));
  });

  it('take the mean of the rounds', () => {
    expect(value('P3d', [plan(100, 10), plan(100, 30, 'round-1')])).toBeCloseTo(0.2);
  });

  it('call an upload lost that has no row, and one that storage refused too', () => {
    const rows = [upload(0, 1, 'accepted'), upload(1, 2, 'rejected'), upload(2, null, 'lost')];
    expect(value('P4', rows)).toBe(1);
    expect(value('P4', [...rows, upload(3, null, 'refused')])).toBe(2);
    expect(value('P4d', rows)).toBe(1);
  });

  it('know how many waited at one time, and how long the last of them', () => {
    const rows = [
      upload(0, 5, 'accepted'),
      upload(1, 3, 'accepted'),
      upload(2, 4, 'accepted'),
      upload(4, 9, 'accepted'),
    ];
    expect(value('P4b', rows)).toBe(3);
    expect(value('P4c', rows)).toBe(5);
    expect(value('P4a', rows)).toBeCloseTo(50);
    expect(
      value(
        'P4e',
        Array.from({ length: 100 }, (_, at) => upload(at, at, 'accepted')),
      ),
    ).toBe(2);
  });
});
