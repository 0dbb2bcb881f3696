import { setTimeout as sleep } from 'node:timers/promises';
import {
  DeleteMessageBatchCommand,
  type Message,
  MessageSystemAttributeName,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';

const LONGEST_POLL_SECONDS = 20;
const MOST_PER_CALL = 10;
const AFTER_FAILURE_MS = 500;

export interface PollerSettings {
  queueUrl: string;
  /** How many batches are worked on at once. */
  slots: number;
  batchSize: number;
  windowSeconds: number;
  /** Work on a batch and return the messages that are done with; the others come back when their time is over. */
  handle(messages: Message[]): Promise<Message[]>;
}

/**
 * Long-polls one queue with as many loops as there are slots. Only one of them waits at the server at a time: moto
 * hands a message to two receivers that ask in the same instant, and each waiting call holds one of its threads.
 */
export class QueuePoller {
  readonly #sqs: SQSClient;
  readonly #settings: PollerSettings;
  readonly #stopping = new AbortController();
  #turn: Promise<unknown> = Promise.resolve();
  #loops: Promise<void>[] = [];

  constructor(sqs: SQSClient, settings: PollerSettings) {
    this.#sqs = sqs;
    this.#settings = settings;
  }

  start(): void {
    this.#loops = Array.from({ length: this.#settings.slots }, () => this.#loop());
  }

  /** Stop asking for messages; batches in hand are given up by whoever stops their handlers. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.allSettled(this.#loops);
  }

  async #loop(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      try {
        const messages = await this.#inTurn(() => this.#receiveBatch());
        if (messages.length === 0) continue;
        const done = await this.#settings.handle(messages);
        await this.#delete(done);
      } catch {
        // The server was slow or is going away: ask again in a moment. Nothing was deleted, so nothing is lost.
        if (!this.#stopping.signal.aborted) await sleep(AFTER_FAILURE_MS);
      }
    }
  }

  #inTurn<Value>(task: () => Promise<Value>): Promise<Value> {
    const mine = this.#turn.then(task);
    this.#turn = mine.catch(() => undefined);
    return mine;
  }

  /** Receive up to a batch; with a window, wait that long from the first message on for more. */
  async #receiveBatch(): Promise<Message[]> {
    const { batchSize, windowSeconds } = this.#settings;
    const messages = await this.#receive(Math.min(batchSize, MOST_PER_CALL), LONGEST_POLL_SECONDS);
    const closes = Date.now() + windowSeconds * 1_000;
    while (messages.length > 0 && messages.length < batchSize) {
      const secondsLeft = (closes - Date.now()) / 1_000;
      if (secondsLeft <= 0 || this.#stopping.signal.aborted) break;
      const more = await this.#receive(Math.min(batchSize - messages.length, MOST_PER_CALL), Math.ceil(secondsLeft));
      messages.push(...more);
    }
    return messages;
  }

  async #receive(most: number, waitSeconds: number): Promise<Message[]> {
    if (this.#stopping.signal.aborted) return [];
    const reply = await this.#sqs.send(
      new ReceiveMessageCommand({
        QueueUrl: this.#settings.queueUrl,
        MaxNumberOfMessages: most,
        WaitTimeSeconds: waitSeconds,
        MessageSystemAttributeNames: [MessageSystemAttributeName.All],
        MessageAttributeNames: ['All'],
      }),
      { abortSignal: this.#stopping.signal },
    );
    return reply.Messages ?? [];
  }

  async #delete(messages: Message[]): Promise<void> {
    for (let start = 0; start < messages.length; start += MOST_PER_CALL) {
      const some = messages.slice(start, start + MOST_PER_CALL);
      await this.#sqs.send(
        new DeleteMessageBatchCommand({
          QueueUrl: this.#settings.queueUrl,
          Entries: some.map((message, index) => ({ Id: String(index), ReceiptHandle: message.ReceiptHandle })),
        }),
      );
    }
  }
}
