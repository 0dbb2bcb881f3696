import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { isAlive, signalGroup, startTimeOf } from './identity.ts';

/**
 * The process groups that are alive now, kept in memory and in a file: one line `pid start-time what` each. The file
 * lets a reaper, or the next `up` or `down`, end what a runner that died without a word left behind.
 */
export class ProcessLedger {
  readonly path: string;
  readonly #groups = new Map<number, string>();

  constructor(path: string) {
    this.path = path;
    mkdirSync(dirname(path), { recursive: true });
    endStrays(path);
    this.#write();
  }

  add(pid: number, what: string): void {
    this.#groups.set(pid, `${pid} ${startTimeOf(pid) || '-'} ${what}`);
    this.#write();
  }

  remove(pid: number): void {
    if (this.#groups.delete(pid)) this.#write();
  }

  get pids(): number[] {
    return [...this.#groups.keys()];
  }

  /** Kill every group at once. Synchronous, so that it also works while Node is exiting. */
  killAll(): void {
    for (const pid of this.#groups.keys()) signalGroup(pid, 'SIGKILL');
  }

  /** Forget the file: nothing is left to end. */
  close(): void {
    this.#groups.clear();
    rmSync(this.path, { force: true });
  }

  #write(): void {
    writeFileSync(this.path, [...this.#groups.values()].map((line) => `${line}\n`).join(''));
  }
}

/** Kill the groups that a ledger file still names, if they are the same processes, and return how many there were. */
export function endStrays(path: string): number {
  let text = '';
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return 0;
  }
  let ended = 0;
  for (const line of text.split('\n').filter((entry) => entry !== '')) {
    const [pid, startTime] = line.split(' ');
    if (!isAlive(Number(pid), startTime === '-' ? '' : (startTime ?? ''))) continue;
    signalGroup(Number(pid), 'SIGKILL');
    ended += 1;
  }
  rmSync(path, { force: true });
  return ended;
}
