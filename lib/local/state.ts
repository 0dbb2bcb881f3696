import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isAlive, startTimeOf } from './processes/identity.ts';
import type { Outputs } from './provision/stacks.ts';

/** Where the local servers answer. */
export interface Endpoints {
  /** S3, SQS, DynamoDB, EventBridge, CloudWatch Logs and whatever else moto serves. */
  aws: string;
  batch: string;
  scheduler: string;
}

/** What a running local cloud tells the other commands, in `local.json` of its state folder. */
export interface LocalState {
  pid: number;
  startTime: string;
  startedAt: string;
  cdkOut: string;
  endpoints: Endpoints;
  /** Environment variables that point an AWS SDK at the local cloud. */
  env: Record<string, string>;
  outputs: Outputs;
  traceFile: string;
}

export function stateFile(stateDir: string): string {
  return join(stateDir, 'local.json');
}

export function ledgerFile(stateDir: string): string {
  return join(stateDir, 'processes.txt');
}

export function traceFile(stateDir: string): string {
  return join(stateDir, 'trace.jsonl');
}

/** Write the state of this process's cloud; readers see the old file or the new one, never half of one. */
export function writeState(stateDir: string, state: Omit<LocalState, 'pid' | 'startTime' | 'startedAt'>): void {
  mkdirSync(stateDir, { recursive: true });
  const whole: LocalState = {
    pid: process.pid,
    startTime: startTimeOf(process.pid),
    startedAt: new Date().toISOString(),
    ...state,
  };
  const draft = `${stateFile(stateDir)}.${process.pid}`;
  writeFileSync(draft, `${JSON.stringify(whole, null, 2)}\n`, { mode: 0o600 });
  renameSync(draft, stateFile(stateDir));
}

/** Read the state file, whoever wrote it; undefined when there is none that can be read. */
export function readState(stateDir: string): LocalState | undefined {
  try {
    return JSON.parse(readFileSync(stateFile(stateDir), 'utf8')) as LocalState;
  } catch {
    return undefined;
  }
}

/** The state of the cloud that runs there now; a file that a dead process left behind does not count. */
export function runningState(stateDir: string): LocalState | undefined {
  const state = readState(stateDir);
  return state !== undefined && isAlive(state.pid, state.startTime) ? state : undefined;
}

export function removeState(stateDir: string): void {
  rmSync(stateFile(stateDir), { force: true });
}
