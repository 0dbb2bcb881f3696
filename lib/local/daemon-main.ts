import { startLocalCloud } from './cloud.ts';
import type { DaemonReply } from './daemon.ts';
import { LocalCloudError } from './errors.ts';
import { readFaults } from './faults/plan.ts';

// The program of the detached process: start the cloud, say so, and stay until a signal comes.
const [cdkOut = '', stateDir = '', faults, seed = '0'] = process.argv.slice(2);
const say = (reply: DaemonReply): Promise<void> =>
  new Promise((resolve) => {
    if (process.send === undefined) resolve();
    else process.send(reply, () => resolve());
  });

try {
  await startLocalCloud({
    cdkOut,
    stateDir,
    ...(faults === undefined ? {} : { faults: readFaults(faults, Number(seed)) }),
  });
  await say({ ready: true });
} catch (error) {
  const code = error instanceof LocalCloudError ? error.code : undefined;
  await say({ ready: false, code, message: error instanceof Error ? error.message : String(error) });
  process.exit(1);
}
