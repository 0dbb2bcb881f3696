import { fork } from 'node:child_process';
import { mkdirSync, openSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { LocalCloudError, type LocalCloudErrorCode } from './errors.ts';
import { readFaults } from './faults/plan.ts';
import { isAlive } from './processes/identity.ts';
import { endStrays } from './processes/ledger.ts';
import { type LocalState, ledgerFile, readState, removeState, runningState } from './state.ts';

const MAIN = fileURLToPath(new URL('./daemon-main.ts', import.meta.url));
const STOP_SECONDS = 20;
const POLL_MS = 50;

/** What the daemon says to whoever started it. */
export type DaemonReply = { ready: true } | { ready: false; code: LocalCloudErrorCode | undefined; message: string };

/** What a daemon is started with. `faults` is as a person types it: see `readFaults`. */
export interface DaemonOptions {
  cdkOut: string;
  stateDir: string;
  faults?: { kinds: string; seed: number } | undefined;
}

/** Start a local cloud that outlives this process, and wait until it runs. */
export async function startDaemon(options: DaemonOptions): Promise<LocalState> {
  const { faults } = options;
  // Read here too, so that a word too many is told before anything starts.
  if (faults !== undefined) readFaults(faults.kinds, faults.seed);
  const stateDir = resolve(options.stateDir);
  const running = runningState(stateDir);
  if (running !== undefined) {
    throw new LocalCloudError('already-running', `a local cloud runs in ${stateDir} already (process ${running.pid})`);
  }
  mkdirSync(stateDir, { recursive: true });
  const logPath = join(stateDir, 'daemon.log');
  const log = openSync(logPath, 'w');
  const child = fork(
    MAIN,
    [resolve(options.cdkOut), stateDir, ...(faults ? [faults.kinds, String(faults.seed)] : [])],
    {
      detached: true,
      execArgv: [],
      stdio: ['ignore', log, log, 'ipc'],
    },
  );
  const reply = await new Promise<DaemonReply>((settle) => {
    child.once('message', (message) => settle(message as DaemonReply));
    child.once('exit', (code, signal) => {
      settle({ ready: false, code: undefined, message: `the daemon ended (${signal ?? code}); see ${logPath}` });
    });
  });
  if (!reply.ready) throw new LocalCloudError(reply.code ?? 'server-failed', reply.message);
  child.disconnect();
  child.unref();
  const state = runningState(stateDir);
  if (state === undefined) throw new LocalCloudError('server-failed', `the daemon ended; see ${logPath}`);
  return state;
}

/** Stop the cloud of this folder, in whatever process it runs, and leave none of its processes; false when none ran. */
export async function stopDaemon(stateDir: string): Promise<boolean> {
  const folder = resolve(stateDir);
  const state = runningState(folder);
  if (state !== undefined) {
    process.kill(state.pid, 'SIGTERM');
    const giveUp = Date.now() + STOP_SECONDS * 1_000;
    while (isAlive(state.pid, state.startTime) && Date.now() < giveUp) await sleep(POLL_MS);
    if (isAlive(state.pid, state.startTime)) process.kill(state.pid, 'SIGKILL');
  }
  const strays = endStrays(ledgerFile(folder));
  removeState(folder);
  return state !== undefined || strays > 0;
}

/** What is known of the cloud of a folder: running, stopped, or stale when its process died without stopping it. */
export function daemonStatus(stateDir: string): { status: 'running' | 'stopped' | 'stale'; state?: LocalState } {
  const folder = resolve(stateDir);
  const running = runningState(folder);
  if (running !== undefined) return { status: 'running', state: running };
  return readState(folder) === undefined ? { status: 'stopped' } : { status: 'stale' };
}
