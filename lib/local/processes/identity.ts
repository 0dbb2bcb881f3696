import { readFileSync } from 'node:fs';

/**
 * When a process started, in clock ticks since boot: with the pid it names one process for ever, so that a pid that
 * was given to a stranger since is never killed. Empty where the system has no /proc.
 */
export function startTimeOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The command, in brackets, may hold spaces: count fields after it. Field 22 is the start time.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}

/** Whether the process with this pid and start time is alive. */
export function isAlive(pid: number, startTime: string): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it is alive and somebody else's, so it is not ours.
    return (error as NodeJS.ErrnoException).code === 'EPERM' && startTime === '';
  }
  return startTime === '' || startTimeOf(pid) === startTime;
}

/** Send a signal to a whole process group; a group that is gone is no error. */
export function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // ESRCH: nobody is left in it.
  }
}
