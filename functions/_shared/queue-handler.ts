import middy from '@middy/core';
import { z } from 'zod';
import { MessageInvalidError, PassingError } from './errors.ts';
import { createLogger } from './logger.ts';
import type { Log } from './ports.ts';
import { withDeadline } from './sdk.ts';

/** What SQS hands a function. Open, because AWS adds fields. */
const QueueBatch = z.looseObject({ Records: z.array(z.looseObject({ messageId: z.string(), body: z.string() })) });
type QueueRecord = z.infer<typeof QueueBatch>['Records'][number];

/** Which messages are to be delivered again; SQS deletes the rest. */
export interface QueueReply {
  batchItemFailures: { itemIdentifier: string }[];
}

/**
 * A handler of a queue: every record is checked by `contract` and given to `step`, and fails alone. A record that can never
 * be read fails like the others, so that it ends in the dead-letter queue, where a person can look at it.
 */
export const queueHandler = <S extends z.ZodType>(
  name: string,
  contract: S,
  step: (message: z.infer<S>, log: Log) => Promise<void>,
) =>
  middy({ timeoutEarlyInMillis: 500 }).handler(
    async (event: unknown, _context: unknown, { signal }: { signal: AbortSignal }): Promise<QueueReply> => {
      const batchItemFailures: QueueReply['batchItemFailures'] = [];
      // One after the other: pictures are large, and AWS starts another copy of the function when there is more to do.
      for (const record of QueueBatch.parse(event).Records) {
        const done = await withDeadline(signal, () => handleRecord(name, contract, step, record));
        if (!done) batchItemFailures.push({ itemIdentifier: record.messageId });
      }
      return { batchItemFailures };
    },
  );

async function handleRecord<S extends z.ZodType>(
  name: string,
  contract: S,
  step: (message: z.infer<S>, log: Log) => Promise<void>,
  record: QueueRecord,
): Promise<boolean> {
  const { log, failure } = createLogger({ function: name, message: record.messageId });
  try {
    await step(readMessage(contract, record.body), log);
    return true;
  } catch (error) {
    failure('record.failed', error, error instanceof PassingError);
    return false;
  }
}

function readMessage<S extends z.ZodType>(contract: S, body: string): z.infer<S> {
  let message: unknown;
  try {
    message = JSON.parse(body);
  } catch {
    throw new MessageInvalidError('the body is not JSON');
  }
  const checked = contract.safeParse(message);
  // Paths only: a message may carry what no log should.
  if (!checked.success)
    throw new MessageInvalidError(`not as expected at: ${checked.error.issues.map(pathOf).join(', ')}`);
  return checked.data;
}

const pathOf = (issue: z.core.$ZodIssue): string => issue.path.join('.') || 'the message itself';
