import { randomUUID } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { keysOf } from '../identity.ts';
import type { LogBook } from '../logs.ts';
import type { ProcessLedger } from '../processes/ledger.ts';
import { eachLine } from '../processes/lines.ts';
import { type Ending, type Group, launch } from '../processes/spawn.ts';
import { jobCommand } from './command.ts';
import { commandLine, type Program } from './images.ts';
import type { Job } from './job.ts';
import type { AttemptEnding } from './retry.ts';
import type { Slot } from './slots.ts';

const SIGNAL_BASE = 128;
export const EXITED = 'Essential container in task exited';
export const NOT_STARTED = 'Task failed to start';

/** What an attempt needs of the rest of the cloud. */
export interface AttemptWorld {
  stateDir: string;
  /** Variables that every job gets: endpoints and region. */
  environment: Record<string, string>;
  ledger: ProcessLedger;
  logBook: Pick<LogBook, 'open'>;
  programs: Map<string, Program>;
}

/** An attempt that has been started. */
export interface RunningAttempt {
  group: Group;
  logStreamName: string;
  taskArn: string;
  ending: Promise<AttemptEnding>;
}

/** Start a job's program as a process; the promise inside ends when the process, and all it started, has. */
export async function startAttempt(job: Job, number: number, slot: Slot, world: AttemptWorld): Promise<RunningAttempt> {
  const program = world.programs.get(job.definition.arn) as Program;
  const taskId = randomUUID();
  const logStreamName = `${job.definition.logPrefix}/default/${taskId}`;
  const home = join(world.stateDir, 'tmp', `job-${taskId}`);
  await mkdir(home, { recursive: true });
  const [command = '', ...args] = commandLine(program, jobCommand(job.definition, job.overrides, job.parameters));
  const env = jobEnvironment(job, number, slot, program, world.environment, home);
  const log = world.logBook.open(
    job.definition.logGroup,
    logStreamName,
    join('jobs', `${job.id.replace(':', '-')}.log`),
  );
  const group = launch({ what: job.name, command, args, cwd: program.cwd, env }, world.ledger);
  const output = eachLine([group.stdout, group.stderr], (line) => log.write(line));
  const ending = group.ended.then(async (end) => {
    await output;
    log.close();
    await rm(home, { recursive: true, force: true });
    return readEnding(end);
  });
  return { group, logStreamName, taskArn: job.arn.replace(/:job\/.*/, `:task/${taskId}`), ending };
}

/** A signal's exit code is 128 and its number, as a container runtime reports it: 137 for SIGKILL. */
export function readEnding({ code, signal, error }: Ending): AttemptEnding {
  if (error !== undefined) {
    return { exitCode: undefined, statusReason: NOT_STARTED, reason: `CannotStartContainerError: ${error.message}` };
  }
  const exitCode = signal === undefined ? code : SIGNAL_BASE + constants.signals[signal];
  return { exitCode, statusReason: EXITED, reason: undefined };
}

/** Made from nothing; what the image sets for its own files (`program`) and our addresses win over the template. */
function jobEnvironment(
  job: Job,
  attempt: number,
  slot: Slot,
  program: Program,
  shared: Record<string, string>,
  home: string,
): Record<string, string> {
  const keys = keysOf('JOB');
  return {
    ...job.definition.environment,
    ...job.overrides.environment,
    ...program.environment,
    ...shared,
    AWS_ACCESS_KEY_ID: keys.accessKeyId,
    AWS_SECRET_ACCESS_KEY: keys.secretAccessKey,
    AWS_BATCH_CE_NAME: job.queue.computeEnvironments[0]?.computeEnvironment ?? '',
    AWS_BATCH_JOB_ATTEMPT: String(attempt),
    AWS_BATCH_JOB_ID: job.id,
    AWS_BATCH_JQ_NAME: job.queue.name,
    ...(job.index === undefined ? {} : { AWS_BATCH_JOB_ARRAY_INDEX: String(job.index) }),
    ...(slot.device === undefined ? {} : { CUDA_VISIBLE_DEVICES: slot.device }),
    HOME: home,
    PATH: [dirname(program.interpreter), shared.PATH].join(':'),
    TMPDIR: home,
  };
}
