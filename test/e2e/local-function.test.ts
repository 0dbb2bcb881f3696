import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { LambdaFunction } from '../../lib/local/lambda/function.ts';
import { ProcessLedger } from '../../lib/local/processes/ledger.ts';
import { Trace } from '../../lib/local/trace.ts';

const BUNDLES: Record<string, string> = {
  'index.mjs': `
    import { setTimeout as sleep } from 'node:timers/promises';
    let calls = 0;
    export const handler = async ({ order }, context) => {
      calls += 1;
      if (order === 'hang') await sleep(60_000);
      if (order === 'wait') await sleep(300);
      if (order === 'throw') throw new RangeError('too ripe');
      if (order === 'leave') process.exit(3);
      console.log('call', calls);
      return { pid: process.pid, calls, left: context.getRemainingTimeInMillis(), env: Object.keys(process.env) };
    };`,
  'broken.mjs': "throw new TypeError('no start');",
  'deep/app.js': 'exports.main = async () => undefined;',
};

let folder: string;
let ledger: ProcessLedger;
const lines: string[] = [];
const made: LambdaFunction[] = [];

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'function-'));
  mkdirSync(join(folder, 'deep'));
  for (const [path, source] of Object.entries(BUNDLES)) writeFileSync(join(folder, path), source);
  ledger = new ProcessLedger(join(folder, 'processes.txt'));
});

afterAll(async () => {
  await Promise.all(made.map((one) => one.stop()));
  expect(ledger.pids).toEqual([]);
  rmSync(folder, { recursive: true });
});

function functionOf(handler: string): LambdaFunction {
  const plan = {
    name: 'picker',
    arn: 'arn:picker',
    directory: folder,
    handler,
    timeoutSeconds: 1,
    memoryMb: 128,
    environment: { TREE: 'oak' },
    logGroup: 'g',
    reservedConcurrency: undefined,
    deadLetterArn: undefined,
    asyncRetries: 2,
  };
  const log = { write: (line: string) => void lines.push(line), close: () => undefined };
  const one = new LambdaFunction(plan, {
    stateDir: folder,
    environment: { PATH: '/usr/bin:/bin', AWS_REGION: 'eu-west-1' },
    ledger,
    logBook: { open: () => log },
    trace: new Trace(join(folder, 'trace.jsonl')),
    callers: new Map(),
  });
  made.push(one);
  return one;
}

const order = (one: LambdaFunction, word: string) => one.invoke({ order: word }, { queue: 'q', messageIds: ['m'] });
const payload = async (one: LambdaFunction, word: string) => {
  const answer = await order(one, word);
  if (!answer.ok) throw new Error(answer.errorMessage);
  return answer.payload as { pid: number; calls: number; left: number; env: string[] };
};

test('a warm process is used again, and each invocation of the same moment has its own', async () => {
  const one = functionOf('index.handler');
  const first = await payload(one, 'go');
  const second = await payload(one, 'go');
  expect(second).toMatchObject({ pid: first.pid, calls: 2 });
  expect(second.left).toBeGreaterThan(500);
  expect(second.left).toBeLessThanOrEqual(1_000);
  const [left, right] = await Promise.all([payload(one, 'wait'), payload(one, 'wait')]);
  expect(left.pid).not.toBe(right.pid);
  expect(lines).toContain('call 2');
  expect(first.env).toEqual(expect.arrayContaining(['TREE', 'AWS_REGION']));
  expect(first.env).not.toContain('VITEST');
});

test('what a handler throws is its answer, and the process lives on', async () => {
  const one = functionOf('index.handler');
  const { pid } = await payload(one, 'go');
  expect(await order(one, 'throw')).toEqual({ ok: false, errorType: 'RangeError', errorMessage: 'too ripe' });
  expect((await payload(one, 'go')).pid).toBe(pid);
});

test('a function that takes too long is killed, and the next call gets a new process', async () => {
  const one = functionOf('index.handler');
  const { pid } = await payload(one, 'go');
  expect(await order(one, 'hang')).toMatchObject({ ok: false, errorMessage: 'Task timed out after 1.00 seconds' });
  expect(() => process.kill(pid, 0)).toThrow(/ESRCH/);
  expect((await payload(one, 'go')).pid).not.toBe(pid);
});

test('a process that ends in the middle is a failure that says how', async () => {
  expect(await order(functionOf('index.handler'), 'leave')).toMatchObject({
    ok: false,
    errorMessage: expect.stringMatching('exit status 3'),
  });
});

test('a bundle that cannot be loaded says why', async () => {
  expect(await order(functionOf('broken.handler'), 'go')).toEqual({
    ok: false,
    errorType: 'TypeError',
    errorMessage: 'no start',
  });
  expect(await order(functionOf('index.nobody'), 'go')).toMatchObject({ errorType: 'Runtime.HandlerNotFound' });
  expect(await order(functionOf('missing.handler'), 'go')).toMatchObject({ errorType: 'Runtime.ImportModuleError' });
});

test('a handler may lie in a folder, be CommonJS, and answer with nothing', async () => {
  expect(await order(functionOf('deep/app.main'), 'go')).toEqual({ ok: true, payload: null });
});
