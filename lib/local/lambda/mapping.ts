import { availableParallelism } from 'node:os';
import type { Message, SQSClient } from '@aws-sdk/client-sqs';
import type { MappingPlan } from '../blueprint.ts';
import { matchesPattern } from '../events/pattern.ts';
import type { FaultInjector } from '../faults/injector.ts';
import { withFaults } from '../faults/messages.ts';
import { asList, asObject, asText, isObject } from '../json.ts';
import { nameOfArn } from '../names.ts';
import { QueuePoller } from '../queues/poller.ts';
import type { LambdaFunction } from './function.ts';

/** As many batches at once as AWS starts with, where the template sets no limit. */
const DEFAULT_SLOTS = 5;
/** AWS brings a machine for each copy; here they share the cores, and more cold starts at once only make all slower. */
const MACHINE_SLOTS = Math.max(2, availableParallelism());

/** Poll a queue for a function, as the event source mapping says. */
export function createMapping(
  plan: MappingPlan,
  queueUrl: string,
  region: string,
  target: LambdaFunction,
  sqs: SQSClient,
  faults: FaultInjector,
): QueuePoller {
  const { reservedConcurrency } = target.plan;
  const slots = Math.min(plan.concurrency ?? DEFAULT_SLOTS, reservedConcurrency ?? MACHINE_SLOTS, MACHINE_SLOTS);
  return new QueuePoller(sqs, {
    queueUrl,
    slots,
    batchSize: plan.batchSize,
    windowSeconds: plan.windowSeconds,
    handle: withFaults((messages) => deliver(messages, plan, region, target), faults, {
      name: nameOfArn(plan.queueArn),
      url: queueUrl,
      sqs,
    }),
  });
}

/** Give a batch to the function and return the messages that need not come back. */
async function deliver(
  messages: Message[],
  plan: MappingPlan,
  region: string,
  target: LambdaFunction,
): Promise<Message[]> {
  const wanted = messages.filter((message) => passes(message, plan));
  // A filter is an answer too: what no filter lets through is deleted unread, as AWS does.
  const unwanted = messages.filter((message) => !wanted.includes(message));
  if (wanted.length === 0) return unwanted;
  const messageIds = wanted.map((message) => message.MessageId ?? '');
  const event = { Records: wanted.map((message) => recordOf(message, plan.queueArn, region)) };
  const failedOf = (payload: unknown) => (plan.reportsItemFailures ? failedIds(payload, messageIds) : []);
  const answer = await target.invoke(event, { queue: nameOfArn(plan.queueArn), messageIds }, failedOf);
  if (!answer.ok) return unwanted;
  const failed = new Set(failedOf(answer.payload));
  return [...unwanted, ...wanted.filter((message) => !failed.has(message.MessageId ?? ''))];
}

/**
 * Read `{ batchItemFailures: [{ itemIdentifier }] }`. Nothing, an empty object and an empty list mean that all went
 * well; an id that was not in the batch, or any other shape, means that none did.
 */
export function failedIds(payload: unknown, messageIds: string[]): string[] {
  if (payload === null || payload === undefined || payload === '') return [];
  if (!isObject(payload)) return messageIds;
  const { batchItemFailures: items } = payload;
  if (items === null || items === undefined) return [];
  if (!Array.isArray(items)) return messageIds;
  const failed = items.map((item) => asText(asObject(item).itemIdentifier) ?? '');
  return failed.every((id) => messageIds.includes(id)) ? failed : messageIds;
}

/** Whether any of the mapping's filters lets the message through; a body that is not JSON passes none that reads it. */
export function passes(message: Message, { filters }: Pick<MappingPlan, 'filters'>): boolean {
  if (filters.length === 0) return true;
  const body = message.Body ?? '';
  const attributes = Object.fromEntries(
    Object.entries(message.MessageAttributes ?? {}).map(([key, value]) => [
      key,
      { stringValue: value.StringValue, dataType: value.DataType },
    ]),
  );
  return filters.some((filter) => {
    const readsText = asList(filter.body).length > 0;
    return matchesPattern(filter, { messageAttributes: attributes, body: readsText ? body : jsonOf(body) });
  });
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A message as a function sees it. */
function recordOf(message: Message, queueArn: string, region: string) {
  return {
    messageId: message.MessageId,
    receiptHandle: message.ReceiptHandle,
    body: message.Body,
    attributes: message.Attributes ?? {},
    messageAttributes: Object.fromEntries(
      Object.entries(message.MessageAttributes ?? {}).map(([key, value]) => [
        key,
        { stringValue: value.StringValue, dataType: value.DataType, stringListValues: [], binaryListValues: [] },
      ]),
    ),
    md5OfBody: message.MD5OfBody,
    eventSource: 'aws:sqs',
    eventSourceARN: queueArn,
    awsRegion: region,
  };
}
