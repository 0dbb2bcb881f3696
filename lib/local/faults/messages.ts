import { ChangeMessageVisibilityCommand, type Message, type SQSClient } from '@aws-sdk/client-sqs';
import type { FaultInjector } from './injector.ts';

type Handle = (messages: Message[]) => Promise<Message[]>;

/** A queue of the template, as its poller reads it. */
export interface FaultyQueue {
  name: string;
  url: string;
  sqs: SQSClient;
}

/** The same work on a queue that delivers twice, late and out of order, as SQS may. */
export function withFaults(handle: Handle, faults: FaultInjector, { name, url, sqs }: FaultyQueue): Handle {
  const hide = async ({ ReceiptHandle }: Message, seconds: number): Promise<void> => {
    const request = { QueueUrl: url, ReceiptHandle, VisibilityTimeout: seconds };
    // One that is gone, or visible again by itself, needs nothing.
    await sqs.send(new ChangeMessageVisibilityCommand(request)).catch(() => undefined);
  };
  return async (messages) => {
    const fates = faults.messages(name, messages).sort((left, right) => left.place - right.place);
    for (const { message, delaySeconds } of fates) {
      if (delaySeconds !== undefined) await hide(message, delaySeconds);
    }
    const now = fates.filter(({ delaySeconds }) => delaySeconds === undefined);
    if (now.length === 0) return [];
    const done = await handle(now.map(({ message }) => message));
    const twice = new Map(now.map(({ message, againSeconds }) => [message, againSeconds]));
    const again = done.filter((message) => twice.get(message) !== undefined);
    for (const message of again) await hide(message, twice.get(message) ?? 0);
    return done.filter((message) => !again.includes(message));
  };
}
