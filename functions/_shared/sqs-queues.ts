import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { Queues } from './ports.ts';
import { call } from './sdk.ts';

/** Where the queues are: read when a message is sent, so that a function needs only the queues it uses. */
export interface QueueUrls {
  readonly tuning: string;
  readonly render: string;
  readonly campaigns: string;
  readonly uploads: string;
  readonly jobChanges: string;
  readonly variants: string;
}

/** The queues between the functions. */
export function createSqsQueues(urls: QueueUrls, client = new SQSClient({})): Queues {
  const send = async (QueueUrl: string, message: object): Promise<void> => {
    const command = new SendMessageCommand({ QueueUrl, MessageBody: JSON.stringify(message) });
    await call((options) => client.send(command, options));
  };
  return {
    tuning: (message) => send(urls.tuning, message),
    render: (message) => send(urls.render, message),
    campaigns: (message) => send(urls.campaigns, message),
    uploads: (message) => send(urls.uploads, message),
    jobChanges: (message) => send(urls.jobChanges, message),
    variants: (message) => send(urls.variants, message),
  };
}
