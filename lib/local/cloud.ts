import { rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readAssembly } from './assembly.ts';
import { defaultImages, type ImageProgram } from './batch/images.ts';
import { emptyBlueprint } from './blueprint.ts';
import { createClients } from './clients.ts';
import { startEngines } from './engines.ts';
import { userEnvironment } from './environment.ts';
import { LocalCloudError } from './errors.ts';
import { type FaultPlan, NO_FAULTS } from './faults/plan.ts';
import { startMoto } from './moto/server.ts';
import { ProcessLedger } from './processes/ledger.ts';
import { startReaper } from './processes/reaper.ts';
import { type Outputs, provisionStacks, refuseUnknownTypes } from './provision/stacks.ts';
import { endOnSignals } from './signals.ts';
import { type Endpoints, ledgerFile, removeState, runningState, traceFile, writeState } from './state.ts';
import { Trace } from './trace.ts';

export interface LocalCloudOptions {
  /** Folder that `cdk synth` wrote. */
  cdkOut: string;
  /** Folder for logs, the trace and the state file; made when missing. */
  stateDir: string;
  /** Checkout whose `.venv` and `models` are used; the one that this file belongs to, when absent. */
  checkout?: string;
  /** How images are run without a container; the checkout's own images, when absent. */
  images?: ImageProgram[];
  /** What is to go wrong; nothing, when absent. */
  faults?: FaultPlan;
  /** The clock that schedules go by; the machine's, when absent. */
  now?: () => Date;
}

/** A cloud that runs in this process and in its children, and ends with them: nothing is kept for the next one. */
export interface LocalCloud {
  outputs: Outputs;
  endpoints: Endpoints;
  /** Environment variables that point an AWS SDK here. */
  env: Record<string, string>;
  traceFile: string;
  stop(): Promise<void>;
}

const CHECKOUT = fileURLToPath(new URL('../..', import.meta.url));

/** Run a synthesised app on this machine: create what its templates ask for, and run what they wire together. */
export async function startLocalCloud(options: LocalCloudOptions): Promise<LocalCloud> {
  const stateDir = resolve(options.stateDir);
  const checkout = resolve(options.checkout ?? CHECKOUT);
  const running = runningState(stateDir);
  if (running !== undefined) {
    throw new LocalCloudError('already-running', `a local cloud runs in ${stateDir} already (process ${running.pid})`);
  }
  const assembly = readAssembly(options.cdkOut);
  refuseUnknownTypes(assembly);
  for (const folder of ['logs', 'tmp']) rmSync(join(stateDir, folder), { recursive: true, force: true });
  // What can be undone, newest last; a failure half way undoes what was done until then.
  const undo: (() => Promise<void> | void)[] = [];
  const stop = onlyOnce(async () => {
    for (const step of undo.reverse()) await step();
  });
  try {
    const ledger = new ProcessLedger(ledgerFile(stateDir));
    undo.push(() => ledger.close(), startReaper(ledger.path), endOnSignals(ledger, stop));
    undo.push(() => rmSync(join(stateDir, 'tmp'), { recursive: true, force: true }));
    const python = join(checkout, '.venv', 'bin', 'python');
    const moto = await startMoto({ python, account: assembly.account, stateDir }, ledger);
    undo.push(() => moto.stop());
    const clients = createClients(moto.endpoint, assembly.region);
    undo.push(() => clients.destroy());
    const blueprint = emptyBlueprint();
    const outputs = await provisionStacks({ clients, assembly, blueprint });
    const trace = new Trace(traceFile(stateDir));
    const images = options.images ?? defaultImages(checkout);
    const engines = await startEngines({
      assembly,
      blueprint,
      clients,
      images,
      ledger,
      trace,
      faults: options.faults ?? NO_FAULTS,
      now: options.now ?? (() => new Date()),
      stateDir,
      aws: moto.endpoint,
    });
    undo.push(() => engines.stop());
    const endpoints = { aws: moto.endpoint, batch: engines.batchEndpoint, scheduler: engines.schedulerEndpoint };
    const env = userEnvironment(endpoints, assembly.region);
    writeState(stateDir, { cdkOut: resolve(options.cdkOut), endpoints, env, outputs, traceFile: trace.path });
    undo.push(() => removeState(stateDir));
    return { outputs, endpoints, env, traceFile: trace.path, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** However often it is called, `task` runs once, and every caller waits for it. */
function onlyOnce(task: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  return () => {
    running ??= task();
    return running;
  };
}
