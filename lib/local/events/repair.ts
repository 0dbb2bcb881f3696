import { randomBytes, randomUUID } from 'node:crypto';
import { asObject, asText, type JsonObject } from '../json.ts';

/**
 * Mend what moto gets wrong in S3's events: every one carries the same `id`, `sequencer` and `request-id`, the field
 * `etag` is spelled `eTag`, and an object without versions has the version "null".
 */
export function repairEvent(event: JsonObject, nextSequencer: () => string): JsonObject {
  if (event.source !== 'aws.s3') return event;
  const detail = asObject(event.detail);
  const { eTag, 'version-id': versionId, ...object } = asObject(detail.object);
  const version = asText(versionId);
  return {
    ...event,
    id: randomUUID(),
    detail: {
      ...detail,
      object: {
        ...object,
        ...(eTag === undefined ? {} : { etag: eTag }),
        ...(version === undefined || version === 'null' ? {} : { 'version-id': version }),
        sequencer: nextSequencer(),
      },
      'request-id': randomBytes(8).toString('hex').toUpperCase(),
    },
  };
}

/** Make hexadecimal numbers that only grow, as S3's do for one key. */
export function sequencers(startMs: number): () => string {
  let last = BigInt(startMs) << 16n;
  return () => {
    last += 1n;
    return last.toString(16).toUpperCase().padStart(16, '0');
  };
}
