import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { FaultInjector } from '../../lib/local/faults/injector.ts';
import { type FaultPlan, readFaults } from '../../lib/local/faults/plan.ts';
import { readTrace, Trace } from '../../lib/local/trace.ts';

let folder: string;
let trace: Trace;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'faults-'));
});
afterAll(() => rmSync(folder, { recursive: true }));
beforeEach(() => {
  trace = new Trace(join(folder, 'trace.jsonl'));
  vi.useFakeTimers();
});
afterEach(() => vi.useRealTimers());

const injector = (rates: FaultPlan['rates'], seed = 7, only?: RegExp) =>
  new FaultInjector({ seed, rates, ...(only && { only }) }, trace);
const created = (key: string) => ({
  id: String(Math.random()),
  'detail-type': 'Object Created',
  detail: { bucket: { name: 'crates' }, object: { key } },
});
const faults = () => readTrace(trace.path).map(({ fault, about }) => `${fault} ${about}`);

/** Send events through, and return the keys in the order in which they were delivered until all is over. */
async function delivered(through: FaultInjector, keys: string[]): Promise<string[]> {
  const order: string[] = [];
  for (const key of keys) await through.event(created(key), async () => void order.push(key));
  await vi.advanceTimersByTimeAsync(60_000);
  return order;
}

describe('events', () => {
  test('without faults each is delivered once, in order, and nothing is traced', async () => {
    expect(await delivered(injector({}), ['a', 'b', 'c'])).toEqual(['a', 'b', 'c']);
    expect(faults()).toEqual([]);
  });

  test('duplicate delivers twice, some at once and some much later', async () => {
    const keys = Array.from({ length: 40 }, (_, index) => `k${index}`);
    const order = await delivered(injector({ duplicate: 1 }), keys);
    expect(order.toSorted()).toEqual([...keys, ...keys].toSorted());
    const waits = readTrace(trace.path).map(({ milliseconds = 0 }) => milliseconds);
    expect(waits.filter((wait) => wait === 0).length).toBeGreaterThan(5);
    expect(Math.max(...waits)).toBeGreaterThan(2_000);
  });

  test('reorder lets the next one pass, and keeps nothing for ever', async () => {
    const through = injector({ reorder: 1 }, 7, /\/late/);
    expect(await delivered(through, ['a', 'late', 'b', 'c'])).toEqual(['a', 'b', 'late', 'c']);
    expect(await delivered(through, ['late2'])).toEqual(['late2']);
  });

  test('drop loses the event, and only the one that is meant', async () => {
    expect(await delivered(injector({ drop: 1 }, 7, /\/b /), ['a', 'b', 'c'])).toEqual(['a', 'c']);
    expect(faults()).toEqual(['drop Object Created crates/b #1']);
  });

  test('delay delivers later', async () => {
    const order: string[] = [];
    await injector({ delay: 1 }).event(created('a'), async () => void order.push('a'));
    expect(order).toEqual([]);
    await vi.advanceTimersByTimeAsync(8_000);
    expect(order).toEqual(['a']);
  });

  test('a seed strikes the same things in any order of arrival; another strikes others', async () => {
    const keys = Array.from({ length: 60 }, (_, index) => `k${index}`);
    const rates = { drop: 0.3, duplicate: 0.3, delay: 0.3 };
    const struck = async (seed: number, order: string[]) => {
      trace = new Trace(trace.path);
      await delivered(injector(rates, seed), order);
      return faults().toSorted();
    };
    const first = await struck(1, keys);
    expect(first.length).toBeGreaterThan(20);
    expect(await struck(1, keys.toReversed())).toEqual(first);
    expect(await struck(2, keys)).not.toEqual(first);
  });
});

describe('messages', () => {
  const message = (Body: string, received = 1) => ({
    Body,
    MessageId: Body,
    Attributes: { ApproximateReceiveCount: String(received) },
  });

  test('come again, late, or in another order; a second receipt is left alone', () => {
    const batch = ['a', 'b', 'c', 'd', 'e'].map((body) => message(body));
    expect(
      injector({ duplicate: 1 })
        .messages('q', batch)
        .every(({ againSeconds }) => againSeconds !== undefined),
    ).toBe(true);
    expect(
      injector({ delay: 1 })
        .messages('q', batch)
        .every(({ delaySeconds = 0 }) => delaySeconds >= 1),
    ).toBe(true);
    const places = injector({ reorder: 1 })
      .messages('q', batch)
      .map(({ place }) => place);
    expect(places).not.toEqual(places.toSorted((left, right) => left - right));
    const [again] = injector({ duplicate: 1, delay: 1 }).messages('q', [message('a', 2)]);
    expect(again).toEqual({ message: message('a', 2), place: 0 });
  });
});

describe('jobs', () => {
  test('an attempt is killed at its moment, the last one never, and one that is over is let be', async () => {
    vi.useRealTimers();
    const { rates } = readFaults('kill=1', 3);
    // Of many names, those whose moment comes at once.
    const through = injector(rates, 3);
    const killed: string[] = [];
    const names = Array.from({ length: 400 }, (_, index) => `press-${index}`);
    for (const name of names) through.attempt(name, undefined, 1, 2, () => void killed.push(name));
    for (const name of names) through.attempt(name, undefined, 2, 2, () => void killed.push(`last ${name}`));
    const spared = names.map((name) =>
      injector(rates, 3).attempt(name, 0, 1, 2, () => void killed.push(`over ${name}`)),
    );
    for (const spare of spared) spare();
    await sleep(300);
    through.stop();
    expect(killed.length).toBeGreaterThan(0);
    expect(killed.filter((name) => / /.test(name))).toEqual([]);
    expect(faults().length).toBe(killed.length);
  });

  test('the reply to a name’s first submission is lost, and to no other', () => {
    const through = injector({ 'lose-reply': 1 });
    expect(['a', 'a', 'b', 'a'].map((name) => through.losesReply(name))).toEqual([true, false, true, false]);
  });
});

describe('what a person types', () => {
  test('names faults, with shares where the usual ones will not do', () => {
    expect(readFaults('duplicate=1,drop=0.1', 5)).toEqual({ seed: 5, rates: { duplicate: 1, drop: 0.1 } });
    expect(readFaults('kill', 5).rates.kill).toBeGreaterThan(0);
  });

  test.each([
    ['flood', 0],
    ['drop=2', 0],
    ['drop=', 0],
    ['drop=some', 0],
    ['', 0],
    ['drop', -1],
    ['drop', 0.5],
  ])('%s with seed %s is refused', (text, seed) => {
    expect(() => readFaults(text, seed)).toThrow(expect.objectContaining({ code: 'faults-invalid' }));
  });
});
