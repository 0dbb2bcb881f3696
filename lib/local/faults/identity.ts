import { createHash } from 'node:crypto';
import type { Message } from '@aws-sdk/client-sqs';
import { asNumber, asObject, asText, isObject, type JsonObject } from '../json.ts';

/**
 * What an event is about, the same in every run: `Object Created bucket/key`, `Batch Job State Change job-name[:index] STATUS`,
 * or a digest of its detail. Ids and times of one run are no part of it.
 */
export function eventIdentity(event: JsonObject): string {
  const type = asText(event['detail-type']) ?? 'event';
  const detail = asObject(event.detail);
  const key = asText(asObject(detail.object).key);
  if (key !== undefined) return `${type} ${asText(asObject(detail.bucket).name)}/${key}`;
  const job = asText(detail.jobName);
  if (job !== undefined) {
    const index = asNumber(asObject(detail.arrayProperties).index);
    return `${type} ${job}${index === undefined ? '' : `:${index}`} ${asText(detail.status)}`;
  }
  return `${type} ${digest(JSON.stringify(detail))}`;
}

/** What a message is about: its queue and its event, or its queue and a digest of its text. */
export function messageIdentity(queue: string, { Body = '' }: Message): string {
  let body: unknown;
  try {
    body = JSON.parse(Body);
  } catch {
    // Not JSON: the text itself tells it apart.
  }
  return `${queue} ${isObject(body) && 'detail-type' in body ? eventIdentity(body) : digest(Body)}`;
}

const digest = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 16);
