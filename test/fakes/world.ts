import type {
  Batch,
  BatchJob,
  Log,
  Ports,
  Schedules,
  Submission,
  WantedSchedule,
} from '../../functions/_shared/ports.ts';
import { createState } from '../../functions/_shared/state.ts';
import type { BaseModelRef } from '../../lib/contracts/index.ts';
import { createMemoryObjects } from './memory-objects.ts';
import { createMemoryTable } from './memory-table.ts';
import { createFakeEncoder, fakeEnlargePicture, fakePictures } from './pictures.ts';

export const BASE_MODEL: BaseModelRef = { name: 'paperdoll', family: 'paperdoll', digest: 'ba5e'.repeat(16) };

/** Called around every touch of the world; may throw, to stop a step there. */
export type Touch = (name: string, moment: 'before' | 'after') => void | Promise<void>;

type QueueName = keyof Ports['queues'];

/** Everything a step may touch, in memory, with what a test wants to see of it. */
export function createWorld(touch: Touch = () => {}) {
  const clock = { now: new Date('2026-06-01T12:00:00Z') };
  const settings = { baseModel: BASE_MODEL, shardCells: 32 };
  const lines: { event: string; [fact: string]: unknown }[] = [];
  const sent: Record<QueueName, object[]> = {
    ...{ tuning: [], render: [], campaigns: [] },
    ...{ uploads: [], jobChanges: [], variants: [] },
  };
  const submissions: (Submission & { id: string })[] = [];
  const table = createMemoryTable();
  const intake = createMemoryObjects('intake');
  const library = createMemoryObjects('library');
  /** What Batch says of a job when asked. */
  const batchJobs = new Map<string, BatchJob>();
  const encoder = { current: createFakeEncoder() };

  const kept = new Map<string, WantedSchedule>();
  const schedules: Schedules = {
    put: async (wanted) => void kept.set(wanted.name, wanted),
    remove: async (name) => void kept.delete(name),
  };
  const batch: Batch = {
    describe: async (id) => batchJobs.get(id),
    find: async (name, market) => submissions.find((job) => job.name === name && job.market === market)?.id,
    async submit(submission) {
      const id = `batch-${submissions.length + 1}`;
      submissions.push({ ...submission, id });
      return id;
    },
  };
  const log: Log = (event, facts = {}) => void lines.push({ event, ...facts });
  const now = () => clock.now;
  const send = (queue: QueueName) => async (message: object) => void sent[queue].push(message);
  const ports: Ports = {
    now,
    log,
    settings,
    intake: touched('intake', intake, touch),
    library: touched('library', library, touch),
    state: createState(touched('table', table, touch), now),
    queues: touched(
      'queues',
      {
        ...{ tuning: send('tuning'), render: send('render'), campaigns: send('campaigns') },
        ...{ uploads: send('uploads'), jobChanges: send('jobChanges'), variants: send('variants') },
      },
      touch,
    ),
    batch: touched('batch', batch, touch),
    schedules: touched('schedules', schedules, touch),
    pictures: fakePictures,
    encoder: { id: () => encoder.current.id(), embed: (png) => encoder.current.embed(png) },
    readFigures: undefined,
    enlargePicture: fakeEnlargePicture,
  };
  return { kept, ports, clock, settings, lines, sent, submissions, batchJobs, table, intake, library, encoder };
}

export type World = ReturnType<typeof createWorld>;

/** The same port, with `touch` around every call. */
function touched<P extends object>(name: string, port: P, touch: Touch): P {
  const calls = Object.entries(port).map(([call, run]) => {
    if (typeof run !== 'function') return [call, run];
    const around = async (...input: unknown[]) => {
      await touch(`${name}.${call}`, 'before');
      const output = await run(...input);
      await touch(`${name}.${call}`, 'after');
      return output;
    };
    return [call, around];
  });
  return Object.fromEntries(calls) as P;
}
