import { spawnSync } from 'node:child_process';
import { isOver, type Job } from './job.ts';

const PROBE_MS = 5_000;

/** How many GPUs this machine has. */
export function countGpus(): number {
  const probe = spawnSync('nvidia-smi', ['--list-gpus'], { encoding: 'utf8', timeout: PROBE_MS });
  return probe.status === 0 ? probe.stdout.split('\n').filter((line) => line.startsWith('GPU ')).length : 0;
}

/** One place where a job can run; a machine without a GPU has one, with no device. */
export interface Slot {
  device: string | undefined;
}

/** Gives runnable jobs to free slots: the queue of the highest priority first, then whoever came first. */
export class SlotPool {
  readonly #free: Slot[];
  readonly #run: (job: Job, slot: Slot) => Promise<void>;
  readonly #runnable: Job[] = [];
  #closed = false;

  constructor(gpus: number, run: (job: Job, slot: Slot) => Promise<void>) {
    this.#free =
      gpus === 0 ? [{ device: undefined }] : Array.from({ length: gpus }, (_, index) => ({ device: String(index) }));
    this.#run = run;
  }

  enqueue(job: Job): void {
    this.#runnable.push(job);
    // Later, so that whoever submits hears of the job before it starts.
    setImmediate(() => this.#fill());
  }

  close(): void {
    this.#closed = true;
  }

  #fill(): void {
    while (!this.#closed && this.#free.length > 0) {
      const job = this.#next();
      if (job === undefined) return;
      const slot = this.#free.shift() as Slot;
      void this.#run(job, slot).finally(() => {
        this.#free.push(slot);
        this.#fill();
      });
    }
  }

  #next(): Job | undefined {
    let best = -1;
    for (let index = 0; index < this.#runnable.length; index += 1) {
      const job = this.#runnable[index] as Job;
      if (isOver(job)) {
        // Cancelled while it waited.
        this.#runnable.splice(index, 1);
        index -= 1;
        continue;
      }
      if (best < 0 || job.queue.priority > (this.#runnable[best] as Job).queue.priority) best = index;
    }
    return best < 0 ? undefined : this.#runnable.splice(best, 1)[0];
  }
}
