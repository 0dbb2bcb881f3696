import { setTimeout as sleep } from 'node:timers/promises';
import type { FaultInjector } from '../faults/injector.ts';
import type { Trace } from '../trace.ts';
import { type AttemptWorld, type RunningAttempt, startAttempt } from './attempt.ts';
import { isOver, type Job, type JobState, parentState } from './job.ts';
import type { JobPublisher } from './publisher.ts';
import { type AttemptEnding, shouldRetry } from './retry.ts';
import { type Slot, SlotPool } from './slots.ts';

const GRACE_MS = 30_000;
const TIMED_OUT = 'Job attempt duration exceeded timeout';

export interface EngineWorld extends AttemptWorld {
  trace: Trace;
  faults: FaultInjector;
  publisher: JobPublisher;
  gpus: number;
}

/** Moves jobs through their states and runs their attempts. */
export class JobEngine {
  readonly #world: EngineWorld;
  readonly #slots: SlotPool;
  readonly #running = new Map<Job, RunningAttempt>();
  readonly #attempts = new Set<Promise<void>>();
  #stopped = false;

  constructor(world: EngineWorld) {
    this.#world = world;
    this.#slots = new SlotPool(world.gpus, (job, slot) => {
      const attempt = this.#attempt(job, slot).finally(() => this.#attempts.delete(attempt));
      this.#attempts.add(attempt);
      return attempt;
    });
  }

  /** Take in a job that has just been submitted, its children first in line where it is an array. */
  accept(job: Job): void {
    this.#move(job, 'SUBMITTED');
    if (job.children === undefined) {
      this.#makeRunnable(job);
      return;
    }
    this.#move(job, 'PENDING');
    for (const child of job.children) {
      this.#move(child, 'SUBMITTED');
      this.#makeRunnable(child);
    }
  }

  /** Fail a job that has not started; one that has goes on. */
  cancel(job: Job, reason: string): void {
    for (const one of job.children ?? [job]) {
      if (isOver(one) || this.#running.has(one) || one.state === 'STARTING') continue;
      one.cancelled = true;
      this.#finish(one, 'FAILED', reason);
    }
  }

  /** Fail a job wherever it is; a running process gets SIGTERM, and SIGKILL half a minute later. */
  terminate(job: Job, reason: string): void {
    for (const one of job.children ?? [job]) {
      if (isOver(one)) continue;
      one.terminated = true;
      one.statusReason = reason;
      const attempt = this.#running.get(one);
      if (attempt !== undefined) void endGently(attempt);
      else if (one.state !== 'STARTING') this.#finish(one, 'FAILED', reason);
    }
  }

  /** Kill everything at once: nothing outlives the local cloud, so there is nothing to checkpoint for. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#slots.close();
    for (const { group } of this.#running.values()) group.signal('SIGKILL');
    await Promise.all(this.#attempts);
  }

  #makeRunnable(job: Job): void {
    this.#move(job, 'RUNNABLE');
    this.#slots.enqueue(job);
  }

  async #attempt(job: Job, slot: Slot): Promise<void> {
    const number = job.attempts.length + 1;
    this.#move(job, 'STARTING');
    const attempt = await startAttempt(job, number, slot, this.#world);
    this.#running.set(job, attempt);
    const startedAt = Date.now();
    job.startedAt = startedAt;
    job.logStreamName = attempt.logStreamName;
    if (attempt.group.pid !== 0) this.#move(job, 'RUNNING');
    this.#world.trace.write({
      hop: 'job.started',
      jobId: job.id,
      jobName: job.name,
      attempt: number,
      pid: attempt.group.pid,
    });
    // Both can have come while the process was being made.
    if (this.#stopped) attempt.group.signal('SIGKILL');
    else if (job.terminated) void endGently(attempt);
    const { attempts } = job.retryStrategy;
    const kill = () => attempt.group.signal('SIGKILL');
    const spare = this.#world.faults.attempt(job.name, job.index, number, attempts, kill);
    const { ending, timedOut } = await watched(attempt, job.timeoutSeconds);
    spare();
    this.#running.delete(job);
    if (this.#stopped) return;
    this.#record(job, attempt, ending, startedAt);
    this.#decide(job, ending, timedOut, number, attempt.group.pid);
  }

  #record(job: Job, attempt: RunningAttempt, ending: AttemptEnding, startedAt: number): void {
    job.exitCode = ending.exitCode;
    job.reason = ending.reason;
    job.attempts.push({
      container: {
        logStreamName: attempt.logStreamName,
        taskArn: attempt.taskArn,
        ...(ending.exitCode === undefined ? {} : { exitCode: ending.exitCode }),
        ...(ending.reason === undefined ? {} : { reason: ending.reason }),
      },
      startedAt,
      stoppedAt: Date.now(),
      statusReason: ending.statusReason,
    });
  }

  #decide(job: Job, ending: AttemptEnding, timedOut: boolean, attempt: number, pid: number): void {
    // A job that was terminated, or whose time was over, is never tried again.
    const final = job.terminated || timedOut;
    const succeeded = !final && ending.exitCode === 0;
    const again = !final && !succeeded && shouldRetry(job.retryStrategy, attempt, ending);
    const statusReason = job.terminated ? job.statusReason : timedOut ? TIMED_OUT : ending.statusReason;
    this.#world.trace.write({
      hop: 'job.ended',
      jobId: job.id,
      jobName: job.name,
      attempt,
      pid,
      outcome: again ? 'retry' : succeeded ? 'succeeded' : 'failed',
      ...(ending.exitCode === undefined ? {} : { exitCode: ending.exitCode }),
      ...(statusReason === undefined ? {} : { statusReason }),
    });
    if (!again) {
      this.#finish(job, succeeded ? 'SUCCEEDED' : 'FAILED', statusReason);
      return;
    }
    job.statusReason = statusReason;
    this.#makeRunnable(job);
  }

  #finish(job: Job, state: 'SUCCEEDED' | 'FAILED', statusReason: string | undefined): void {
    job.statusReason = statusReason;
    job.stoppedAt = Date.now();
    this.#move(job, state);
    const { parent } = job;
    if (parent?.children === undefined || isOver(parent)) return;
    const followed = parentState(parent.children);
    if (!isOver({ state: followed })) return;
    parent.stoppedAt = job.stoppedAt;
    if (followed === 'FAILED') parent.statusReason = 'Array Child Job failed';
    this.#move(parent, followed);
  }

  #move(job: Job, state: JobState): void {
    job.state = state;
    this.#world.publisher.announce(job);
  }
}

/** Wait for an attempt to end; when its time is over, end it. */
async function watched(
  attempt: RunningAttempt,
  timeoutSeconds: number | undefined,
): Promise<{ ending: AttemptEnding; timedOut: boolean }> {
  if (timeoutSeconds === undefined) return { ending: await attempt.ending, timedOut: false };
  const watch = new AbortController();
  const late = sleep(timeoutSeconds * 1_000, undefined, { signal: watch.signal }).catch(() => undefined);
  const first = await Promise.race([attempt.ending, late]);
  watch.abort();
  if (first !== undefined) return { ending: first, timedOut: false };
  void endGently(attempt);
  return { ending: await attempt.ending, timedOut: true };
}

/** SIGTERM, time to save what there is, SIGKILL. */
async function endGently({ group, ending }: RunningAttempt): Promise<void> {
  group.signal('SIGTERM');
  const watch = new AbortController();
  const patience = sleep(GRACE_MS, true, { signal: watch.signal }).catch(() => false);
  const patienceOver = await Promise.race([ending.then(() => false), patience]);
  watch.abort();
  if (patienceOver) group.signal('SIGKILL');
}
