import { createInterface } from 'node:readline/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { createBenchControl } from './bench-control.ts';
import type { Cloud, CloudChoice } from './cloud.ts';
import type { World } from './command.ts';
import { createDeployControl } from './deploy/deploy-control.ts';
import { createLocalControl } from './local-control.ts';
import { createBars, createLines, createSilence } from './progress.ts';

/** The real world of one command line: its folder, its terminal, its clock, and the cloud it names. */
export function createLiveWorld(choice: CloudChoice, json: boolean, checkout: string, folder: string): World {
  const local = createLocalControl(checkout);
  const tell = (line: string): void => {
    if (!json) process.stderr.write(`${line}\n`);
  };
  let cloud: Promise<Cloud> | undefined;
  return {
    folder,
    local,
    benches: createBenchControl(checkout, json),
    deploys: createDeployControl(checkout, choice),
    tell,
    // Loaded on first use: help and wrong usage need no SDK.
    cloud: () => {
      cloud ??= openCloud(choice, local);
      return cloud;
    },
    createProgress() {
      if (json) return createSilence();
      return process.stderr.isTTY ? createBars(process.stderr) : createLines(tell);
    },
    async ask(question) {
      if (!process.stdin.isTTY || !process.stderr.isTTY) return undefined;
      const lines = createInterface({ input: process.stdin, output: process.stderr });
      try {
        return /^y(es)?$/i.test((await lines.question(`${question} [y/N] `)).trim());
      } finally {
        lines.close();
      }
    },
    now: () => new Date(),
    pause: (milliseconds) => pause(milliseconds),
  };
}

async function openCloud(choice: CloudChoice, local: World['local']): Promise<Cloud> {
  const [{ findCloud }, { createLiveCloud }] = await Promise.all([
    import('./find-cloud.ts'),
    import('./live-cloud.ts'),
  ]);
  return createLiveCloud(await findCloud(choice, local));
}
