import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { BatchClient, SubmitJobCommand } from '@aws-sdk/client-batch';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { daemonStatus, type LocalState, readTrace, startDaemon, stopDaemon } from '../../lib/local/index.ts';
import { copyAssembly } from '../fakes/assembly-copy.ts';

const PROGRAM = fileURLToPath(new URL('../../lib/local/daemon-main.ts', import.meta.url));
/** The same with a program for the orchard's image: the daemon knows this checkout's own only. */
const FOREGROUND = fileURLToPath(new URL('../fixtures/foreground.ts', import.meta.url));
const ORCHARD = fileURLToPath(new URL('../fixtures/orchard', import.meta.url));
const PATIENCE_MS = 30_000;

let cdkOut: string;
let stateDir: string;

beforeAll(() => {
  // The orchard without its press: the one function that is left makes a row of each bottle.
  cdkOut = copyAssembly('orchard', 'Orchard.template.json', ({ Resources, Outputs }) => {
    for (const name of ['Press', 'PressQueue', 'Shed', 'Sorter', 'SorterFromCart', 'Pressed']) delete Resources[name];
    for (const name of ['PressArn', 'PressQueueArn']) delete Outputs[name];
  });
});

beforeEach(() => {
  stateDir = mkdtempSync(join(tmpdir(), 'orchard-'));
  return async () => {
    await stopDaemon(stateDir);
    rmSync(stateDir, { recursive: true });
  };
});

afterAll(() => rmSync(cdkOut, { recursive: true }));

test('a daemon runs until it is told to stop, and leaves no process', async () => {
  expect(daemonStatus(stateDir)).toEqual({ status: 'stopped' });
  const state = await startDaemon({ cdkOut, stateDir });
  await warmFunction(state);
  expect(daemonStatus(stateDir)).toMatchObject({ status: 'running', state: { pid: state.pid } });
  await expect(startDaemon({ cdkOut, stateDir })).rejects.toMatchObject({ code: 'already-running' });
  const pids = [state.pid, ...groups()];
  expect(pids.length).toBeGreaterThanOrEqual(3);
  expect(await stopDaemon(stateDir)).toBe(true);
  expect(pids.filter(isRunning)).toEqual([]);
  expect(daemonStatus(stateDir)).toEqual({ status: 'stopped' });
  expect(await stopDaemon(stateDir)).toBe(false);
});

test('a daemon that is killed takes its processes with it, and the next one starts over its remains', async () => {
  const first = await startDaemon({ cdkOut, stateDir });
  await warmFunction(first);
  const pids = groups();
  process.kill(first.pid, 'SIGKILL');
  await until(() => pids.every((pid) => !isRunning(pid)));
  expect(daemonStatus(stateDir)).toEqual({ status: 'stale' });
  const second = await startDaemon({ cdkOut, stateDir });
  expect(daemonStatus(stateDir)).toMatchObject({ status: 'running', state: { pid: second.pid } });
});

test('Ctrl-C ends a cloud in the foreground and leaves no process', async () => {
  const child = spawn(process.execPath, [PROGRAM, cdkOut, stateDir], { stdio: 'inherit' });
  await until(() => daemonStatus(stateDir).status === 'running');
  const state = daemonStatus(stateDir).state as LocalState;
  await warmFunction(state);
  const pids = [state.pid, ...groups()];
  child.kill('SIGINT');
  const [status] = (await once(child, 'exit')) as [number];
  expect(status).toBe(130);
  expect(pids.filter(isRunning)).toEqual([]);
  expect(existsSync(join(stateDir, 'local.json'))).toBe(false);
});

test('Ctrl-C while a job runs ends the job too, and what the job has started', async () => {
  const child = spawn(process.execPath, [FOREGROUND, ORCHARD, stateDir], { stdio: 'inherit' });
  await until(() => daemonStatus(stateDir).status === 'running');
  const state = daemonStatus(stateDir).state as LocalState;
  const started = await jam(state);
  const pids = [state.pid, ...groups(), ...started];
  expect(started.filter(isRunning)).toHaveLength(2);
  child.kill('SIGINT');
  await until(() => child.exitCode !== null);
  expect(child.exitCode).toBe(130);
  expect(pids.filter(isRunning)).toEqual([]);
  expect(existsSync(join(stateDir, 'processes.txt'))).toBe(false);
});

test('a resource type that is in no list stops the start by name', async () => {
  const odd = copyAssembly('orchard', 'Orchard.template.json', ({ Resources }) => {
    Resources.Beehive = { Type: 'AWS::Kinesis::Stream' };
  });
  const start = startDaemon({ cdkOut: odd, stateDir });
  await expect(start).rejects.toMatchObject({ code: 'resource-type-unknown' });
  await expect(start).rejects.toThrow(/Orchard\/Beehive.*AWS::Kinesis::Stream/);
  rmSync(odd, { recursive: true });
});

/** Let the function run once, so that it has a process. */
async function warmFunction({ endpoints, outputs, traceFile }: LocalState): Promise<void> {
  const credentials = { accessKeyId: 'TEST', secretAccessKey: 'test' };
  const s3 = new S3Client({ endpoint: endpoints.aws, region: 'us-east-1', credentials });
  await s3.send(new PutObjectCommand({ Bucket: outputs.Cellar?.BottlesName, Key: 'one.bottle', Body: 'x' }));
  await until(() => readTrace(traceFile).some(({ hop, outcome }) => hop === 'function.finished' && outcome === 'done'));
}

/** Start a job that never ends; return its process and the one that it has started itself. */
async function jam({ endpoints, outputs, traceFile }: LocalState): Promise<number[]> {
  const credentials = { accessKeyId: 'TEST', secretAccessKey: 'test' };
  const batch = new BatchClient({ endpoint: endpoints.batch, region: 'us-east-1', credentials });
  const { PressQueueArn: jobQueue, PressArn: jobDefinition } = outputs.Orchard ?? {};
  const parameters = { fruit: 'quince', mode: 'jammed' };
  await batch.send(new SubmitJobCommand({ jobName: 'jam', jobQueue, jobDefinition, parameters }));
  const pidOf = () => readTrace(traceFile).find(({ hop }) => hop === 'job.started')?.pid ?? 0;
  const childrenOf = (pid: number) => readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  await until(() => pidOf() !== 0 && childrenOf(pidOf()) !== '');
  return [pidOf(), ...childrenOf(pidOf()).split(' ').map(Number)];
}

/** The leaders of the process groups that the cloud has now. */
function groups(): number[] {
  const lines = readFileSync(join(stateDir, 'processes.txt'), 'utf8').trim().split('\n');
  return lines.map((line) => Number(line.split(' ')[0]));
}

function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

async function until(holds: () => boolean): Promise<void> {
  const giveUp = Date.now() + PATIENCE_MS;
  while (!holds()) {
    if (Date.now() > giveUp) throw new Error(`it did not come to be within ${PATIENCE_MS} ms`);
    await sleep(50);
  }
}
