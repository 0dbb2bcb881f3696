import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { signalGroup } from './identity.ts';
import type { ProcessLedger } from './ledger.ts';

/** How a process ended: its code, or the signal that ended it. */
export interface Ending {
  code: number | undefined;
  signal: NodeJS.Signals | undefined;
  /** Why it never started, where it did not. */
  error: Error | undefined;
}

/** A child that leads a process group of its own and stands in the ledger while it lives. */
export interface Group {
  pid: number;
  stdout: Readable;
  stderr: Readable;
  ended: Promise<Ending>;
  signal(signal: NodeJS.Signals): void;
}

export interface Launch {
  what: string;
  command: string;
  args: string[];
  cwd?: string;
  env: Record<string, string>;
}

/** Start a process in its own group. The environment is exactly `env`: nothing of ours is inherited. */
export function launch({ what, command, args, cwd, env }: Launch, ledger: ProcessLedger): Group {
  const stdio: StdioOptions = ['ignore', 'pipe', 'pipe'];
  const child = spawn(command, args, { env, detached: true, stdio, ...(cwd === undefined ? {} : { cwd }) });
  const pid = child.pid ?? 0;
  if (pid !== 0) ledger.add(pid, what);
  const ended = endingOf(child).then((ending) => {
    if (pid !== 0) {
      // Its own children must not outlive it: they would keep a GPU, or answer for a job that has been retried.
      signalGroup(pid, 'SIGKILL');
      ledger.remove(pid);
    }
    return ending;
  });
  return {
    pid,
    stdout: child.stdout as Readable,
    stderr: child.stderr as Readable,
    ended,
    signal: (signal) => {
      if (pid !== 0) signalGroup(pid, signal);
    },
  };
}

function endingOf(child: ChildProcess): Promise<Ending> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve({ code: undefined, signal: undefined, error }));
    child.once('exit', (code, signal) => {
      resolve({ code: code ?? undefined, signal: signal ?? undefined, error: undefined });
    });
  });
}
