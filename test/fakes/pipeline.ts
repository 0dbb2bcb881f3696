import { objectCreated } from './samples.ts';
import { jobEnded, work } from './worker.ts';
import type { World } from './world.ts';

type Handler = (event: unknown, context: unknown) => Promise<{ batchItemFailures: { itemIdentifier: string }[] }>;

/** The five functions, by the queue that feeds them. */
export interface Handlers {
  uploads: Handler;
  campaigns: Handler;
  start: Handler;
  jobChanges: Handler;
  variants: Handler;
}

type Feed = keyof Handlers;

export interface Faults {
  /** In [0, 1): decides the order of delivery. Without it messages come in order. */
  random?: () => number;
  /** How often every message is delivered. */
  copies?: number;
}

const RECEIVES = 5;

/** Queues with the functions behind them, and Batch with a worker that is done at once. */
export function createPipeline(world: World, handlers: Handlers, { random, copies = 1 }: Faults = {}) {
  const waiting: { feed: Feed; body: string; id: string; received: number }[] = [];
  const deadLetters: { feed: Feed; body: string }[] = [];
  let messages = 0;
  let worked = 0;

  const send = (feed: Feed, message: unknown) => {
    const body = typeof message === 'string' ? message : JSON.stringify(message);
    for (let copy = 0; copy < copies; copy += 1) {
      messages += 1;
      waiting.push({ feed, body, id: `m${messages}`, received: 0 });
    }
  };

  /** What the last deliveries caused. */
  function collect() {
    const { sent, submissions } = world;
    for (const message of [...sent.tuning.splice(0), ...sent.render.splice(0)]) send('start', message);
    for (const message of sent.campaigns.splice(0)) send('campaigns', message);
    for (; worked < submissions.length; worked += 1) {
      const submission = submissions[worked];
      if (!submission) break;
      for (const key of work(world, submission)) send('variants', objectCreated(key, 'library'));
      send('jobChanges', jobEnded(submission));
    }
  }

  return {
    deadLetters,
    send,
    /** Put a file in the intake bucket, as its owner does. */
    upload(key: string, content: Uint8Array | string) {
      world.intake.put(key, content);
      send(key.startsWith('campaigns/') ? 'campaigns' : 'uploads', objectCreated(key));
    },
    /** Deliver until nothing is left. */
    async run() {
      for (collect(); waiting.length > 0; collect()) {
        const [message] = waiting.splice(random ? Math.floor(random() * waiting.length) : 0, 1);
        if (!message) break;
        message.received += 1;
        const event = { Records: [{ messageId: message.id, body: message.body }] };
        const { batchItemFailures } = await handlers[message.feed](event, {});
        if (batchItemFailures.length === 0) continue;
        if (message.received < RECEIVES) waiting.push(message);
        else deadLetters.push(message);
      }
    },
  };
}

/** A small generator of numbers in [0, 1), the same for the same seed. */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
