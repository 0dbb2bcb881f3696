import type { Readable } from 'node:stream';
import { S3Client } from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import type { AccountSettings } from './live-account.ts';

export interface LargeObject {
  bucket: string;
  key: string;
  body: Readable;
  onBytes(bytes: number): void;
}

/** Four parts at once of this size: ten thousand of them are 160 GB, more than any model. */
const PART_BYTES = 16 * 1024 * 1024;

/** Write an object of any size in parts, only where nothing has its key; a checksum goes with every part. */
export async function uploadLarge(
  settings: AccountSettings,
  { bucket, key, body, onBytes }: LargeObject,
): Promise<void> {
  const upload = new Upload({
    client: new S3Client(settings),
    params: { Bucket: bucket, Key: key, Body: body, IfNoneMatch: '*', ChecksumAlgorithm: 'SHA256' },
    partSize: PART_BYTES,
  });
  upload.on('httpUploadProgress', ({ loaded = 0 }) => onBytes(loaded));
  try {
    await upload.done();
  } catch (error) {
    // Somebody else wrote it meanwhile: it is named by what it holds, so it is the same.
    if ((error as Error).name !== 'PreconditionFailed') throw error;
  }
}
