import { ChangeMessageVisibilityCommand, type Message, type SQSClient } from '@aws-sdk/client-sqs';
import type { QueueAddresses } from '../queues/hidden.ts';
import { QueuePoller } from '../queues/poller.ts';
import type { LambdaFunction } from './function.ts';

const SLOTS = 2;
/** AWS waits a minute and then two between tries; a developer who waits for them learns nothing more. */
const RETRY_SECONDS = 2;

/** The queue in front of a function that a rule or a schedule invokes. */
export function invocationQueueName(functionName: string): string {
  return `inv-${functionName}`;
}

/** How long a message of that queue stays hidden: longer than its function, loading included, may take. */
export function invocationVisibilitySeconds(timeoutSeconds: number): number {
  return timeoutSeconds + 120;
}

/** Take asynchronous invocations from the function's hidden queue; what fails is repeated, then sent to dead letters. */
export function createAsyncInvoker(
  queueUrl: string,
  target: LambdaFunction,
  sqs: SQSClient,
  addresses: QueueAddresses,
): QueuePoller {
  const { name, asyncRetries, deadLetterArn } = target.plan;
  const handle = async ([message]: Message[]): Promise<Message[]> => {
    if (message === undefined) return [];
    const event: unknown = JSON.parse(message.Body ?? 'null');
    const source = { queue: invocationQueueName(name), messageIds: [message.MessageId ?? ''] };
    const answer = await target.invoke(event, source);
    if (answer.ok) return [message];
    if (Number(message.Attributes?.ApproximateReceiveCount ?? 1) <= asyncRetries) {
      await sqs.send(
        new ChangeMessageVisibilityCommand({
          QueueUrl: queueUrl,
          ReceiptHandle: message.ReceiptHandle,
          VisibilityTimeout: RETRY_SECONDS,
        }),
      );
      return [];
    }
    if (deadLetterArn !== undefined) {
      const attributes = { ErrorCode: answer.errorType, ErrorMessage: answer.errorMessage.slice(0, 1_000) || '-' };
      await addresses.send(deadLetterArn, message.Body ?? '', { attributes });
    }
    return [message];
  };
  return new QueuePoller(sqs, { queueUrl, slots: SLOTS, batchSize: 1, windowSeconds: 0, handle });
}
