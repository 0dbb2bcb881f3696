import { spawn } from 'node:child_process';

/** Waits until its input closes, which happens however its parent ends, then kills every group in the ledger. */
const SCRIPT = 'cat >/dev/null; [ -f "$1" ] || exit 0; while read -r pid _; do kill -9 "-$pid"; done <"$1"; rm -f "$1"';

/** Start the process that cleans up when the runner itself is killed; call the result to let it go. */
export function startReaper(ledgerPath: string): () => Promise<void> {
  const child = spawn('/bin/sh', ['-c', SCRIPT, 'troupe-local-reaper', ledgerPath], {
    detached: true,
    env: { PATH: '/usr/bin:/bin' },
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  child.unref();
  const gone = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  return async () => {
    child.ref();
    child.stdin?.end();
    await gone;
  };
}
