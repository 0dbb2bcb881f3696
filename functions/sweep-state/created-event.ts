import type { ObjectCreated } from '../../lib/contracts/index.ts';
import type { Listed } from '../_shared/ports.ts';

/** The news that S3 gives of an object, for one whose news was lost. */
export const createdEvent = (bucket: string, { key, writtenAt }: Listed, now: Date): ObjectCreated => ({
  id: `sweep ${now.toISOString()}`,
  'detail-type': 'Object Created',
  source: 'aws.s3',
  time: writtenAt.toISOString(),
  detail: { bucket: { name: bucket }, object: { key } },
});
