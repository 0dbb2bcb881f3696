import { createHash } from 'node:crypto';
import {
  GetObjectCommand,
  NoSuchKey,
  PutObjectCommand,
  paginateListObjectsV2,
  S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import { ObjectTooLargeError } from './errors.ts';
import type { Listed, Objects } from './ports.ts';
import { call } from './sdk.ts';

const PRECONDITION_FAILED = 412;

/** A bucket. Objects are only ever created: what is there stays as it is. */
export function createS3Objects(Bucket: string, client = new S3Client({})): Objects {
  const take: Objects['take'] = async (Key, limitBytes) => {
    try {
      return await call(async (options) => {
        const answer = await client.send(new GetObjectCommand({ Bucket, Key }), options);
        const { Body, ContentLength = 0, ContentType: contentType, ETag: etag = '' } = answer;
        if (ContentLength > limitBytes) {
          // The head of the answer says how long it is; its body is never taken.
          (Body as { destroy?: () => void } | undefined)?.destroy?.();
          throw new ObjectTooLargeError(Key, ContentLength, limitBytes, etag);
        }
        return { bytes: Body ? await Body.transformToByteArray() : new Uint8Array(), contentType, etag };
      });
    } catch (error) {
      if (error instanceof NoSuchKey) return undefined;
      throw error;
    }
  };
  return {
    bucket: Bucket,
    async list(Prefix, since) {
      return call(async () => {
        const found: Listed[] = [];
        for await (const { Contents = [] } of paginateListObjectsV2({ client }, { Bucket, Prefix })) {
          for (const { Key: key, LastModified: writtenAt, ETag: etag = '' } of Contents) {
            if (key !== undefined && writtenAt !== undefined && writtenAt >= since)
              found.push({ key, writtenAt, etag });
          }
        }
        return found;
      });
    },
    take,
    read: async (key, limitBytes) => (await take(key, limitBytes))?.bytes,
    async create(Key, bytes, ContentType) {
      // Its own digest goes along, so that a 200 means these bytes and no others.
      const ChecksumSHA256 = createHash('sha256').update(bytes).digest('base64');
      const command = new PutObjectCommand({ Bucket, Key, Body: bytes, ContentType, ChecksumSHA256, IfNoneMatch: '*' });
      try {
        await call((options) => client.send(command, options));
        return 'created';
      } catch (error) {
        const status = error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined;
        if (status === PRECONDITION_FAILED) return 'exists';
        throw error;
      }
    },
  };
}
