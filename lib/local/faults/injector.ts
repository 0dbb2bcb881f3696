import type { Message } from '@aws-sdk/client-sqs';
import type { JsonObject } from '../json.ts';
import type { Trace } from '../trace.ts';
import { chance } from './chance.ts';
import { eventIdentity, messageIdentity } from './identity.ts';
import type { FaultKind, FaultPlan } from './plan.ts';

const LONGEST_DELAY_MS = 8_000;
/** How long an event may wait for a later one that overtakes it. */
const LONGEST_HOLD_MS = 2_000;
const LONGEST_LIFE_MS = 20_000;

/** What becomes of a message that a queue hands out for the first time. */
export interface MessageFate {
  message: Message;
  /** Where it stands in its batch. */
  place: number;
  /** Put it back for so long, unread. */
  delaySeconds?: number;
  /** Hand it out again so long after it was done with. */
  againSeconds?: number;
}

/** Decides which thing meets which fault, from the seed and from what the thing is, and traces every fault. */
export class FaultInjector {
  readonly #plan: FaultPlan;
  readonly #trace: Trace;
  readonly #seen = new Map<string, number>();
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #held = new Set<() => Promise<void>>();

  constructor(plan: FaultPlan, trace: Trace) {
    this.#plan = plan;
    this.#trace = trace;
  }

  /** Forget what is still to be delivered: the cloud goes down. */
  stop(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#held.clear();
  }

  /** Deliver an event, or fail to. A `deliver` that comes later must not throw. */
  event(event: JsonObject, deliver: () => Promise<void>): Promise<void> {
    return this.#deliver(eventIdentity(event), deliver);
  }

  /** Deliver a schedule's tick, or fail to; `name` holds the time that it is for. */
  tick(name: string, deliver: () => Promise<void>): Promise<void> {
    return this.#deliver(`tick ${name}`, deliver);
  }

  async #deliver(identity: string, deliver: () => Promise<void>): Promise<void> {
    const about = this.#occurrence(identity);
    if (this.#strikes('drop', about)) return this.#note('drop', about);
    if (this.#strikes('duplicate', about)) {
      // Half of the copies come at once, half when everything has moved on.
      const milliseconds = Math.max(0, Math.round((2 * this.#number('again', about) - 1) * LONGEST_DELAY_MS));
      this.#note('duplicate', about, { milliseconds });
      this.#later(milliseconds, deliver);
    }
    if (this.#strikes('delay', about)) {
      const milliseconds = Math.round(this.#number('late', about) * LONGEST_DELAY_MS);
      this.#note('delay', about, { milliseconds });
      this.#later(milliseconds, deliver);
      return;
    }
    if (this.#strikes('reorder', about)) {
      this.#note('reorder', about);
      return this.#hold(deliver);
    }
    await deliver();
    for (const held of [...this.#held]) await held();
  }

  /** The fate of each message of a batch. Only a first delivery is struck: every receipt counts towards the dead letters. */
  messages(queue: string, messages: Message[]): MessageFate[] {
    return messages.map((message, index) => {
      const fate: MessageFate = { message, place: index };
      if (Number(message.Attributes?.ApproximateReceiveCount ?? 1) > 1) return fate;
      const about = this.#occurrence(messageIdentity(queue, message));
      const ids = { queue, ...(message.MessageId === undefined ? {} : { messageId: message.MessageId }) };
      if (this.#strikes('delay', about)) {
        fate.delaySeconds = 1 + Math.floor((this.#number('late', about) * LONGEST_DELAY_MS) / 1_000);
        this.#note('delay', about, { ...ids, milliseconds: fate.delaySeconds * 1_000 });
        return fate;
      }
      if (this.#strikes('duplicate', about)) {
        fate.againSeconds = Math.max(
          0,
          Math.floor(((2 * this.#number('again', about) - 1) * LONGEST_DELAY_MS) / 1_000),
        );
        this.#note('duplicate', about, { ...ids, milliseconds: fate.againSeconds * 1_000 });
      }
      if (messages.length > 1 && this.#strikes('reorder', about)) {
        fate.place = this.#number('place', about) * messages.length;
        this.#note('reorder', about, ids);
      }
      return fate;
    });
  }

  /** Kill an attempt at its moment, if that comes; the function that is returned calls it off. An attempt that is the last is spared. */
  attempt(jobName: string, index: number | undefined, attempt: number, attempts: number, kill: () => void): () => void {
    const about = `${jobName}${index === undefined ? '' : `:${index}`} attempt ${attempt}`;
    if (attempt >= attempts || !this.#strikes('kill', about)) return () => undefined;
    // Squared: short jobs too have a moment that strikes them.
    const milliseconds = Math.round(this.#number('moment', about) ** 2 * LONGEST_LIFE_MS);
    const timer = this.#later(milliseconds, async () => {
      this.#note('kill', about, { jobName, attempt, milliseconds });
      kill();
    });
    return () => this.#forget(timer);
  }

  /** Whether the answer to a submission is lost; of the jobs of one name only the first one's is. */
  losesReply(jobName: string): boolean {
    const about = this.#occurrence(`reply to ${jobName}`);
    if (!about.endsWith(' #1') || !this.#strikes('lose-reply', about)) return false;
    this.#note('lose-reply', about, { jobName });
    return true;
  }

  #strikes(kind: FaultKind, about: string): boolean {
    const rate = this.#plan.rates[kind] ?? 0;
    return rate > 0 && (this.#plan.only?.test(about) ?? true) && this.#number(kind, about) < rate;
  }

  #number(decision: string, about: string): number {
    return chance(this.#plan.seed, `${decision} ${about}`);
  }

  /** The identity with how often it has been seen: the second upload of a key is another thing than the first. */
  #occurrence(identity: string): string {
    const count = (this.#seen.get(identity) ?? 0) + 1;
    this.#seen.set(identity, count);
    return `${identity} #${count}`;
  }

  #later(milliseconds: number, task: () => Promise<void>): NodeJS.Timeout {
    const timer = setTimeout(() => {
      this.#forget(timer);
      // The cloud may be going down under it.
      task().catch(() => undefined);
    }, milliseconds);
    this.#timers.add(timer);
    return timer;
  }

  #forget(timer: NodeJS.Timeout): void {
    clearTimeout(timer);
    this.#timers.delete(timer);
  }

  /** Deliver after the next event has been, or when none came for a while. */
  #hold(deliver: () => Promise<void>): void {
    const release = async (): Promise<void> => {
      if (!this.#held.delete(release)) return;
      this.#forget(timer);
      await deliver().catch(() => undefined);
    };
    const timer = this.#later(LONGEST_HOLD_MS, release);
    this.#held.add(release);
  }

  #note(fault: FaultKind, about: string, ids: Omit<Parameters<Trace['write']>[0], 'hop'> = {}): void {
    this.#trace.write({ hop: 'fault.injected', fault, about, ...ids });
  }
}
