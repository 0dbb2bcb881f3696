import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';

/** What is to be uploaded where, and how many a second. */
export interface Order {
  endpoint: string;
  bucket: string;
  rate: number;
  uploads: { file: string; key: string }[];
}

/** When an upload was sent and when storage had taken it, in ms since 1970; null where it did not. */
export interface Sent {
  key: string;
  sentAt: number;
  answeredAt: number | null;
}

/**
 * `node send-uploads.ts`: reads an order on standard input and sends each upload at its time, whether those before it were answered
 * or not, as a crowd would. One JSON list on standard output.
 */
if (process.argv[1] === import.meta.filename) {
  const { endpoint, bucket: Bucket, rate, uploads }: Order = JSON.parse(readFileSync(0, 'utf8'));
  const credentials = { accessKeyId: 'SENDER', secretAccessKey: 'sender' };
  const s3 = new S3Client({ endpoint, region: 'us-east-1', credentials, forcePathStyle: true });
  const began = Date.now();
  const answers: Promise<Sent>[] = [];
  for (const [index, { file, key: Key }] of uploads.entries()) {
    const wait = began + (index * 1_000) / rate - Date.now();
    if (wait > 0) await pause(wait);
    const sentAt = Date.now();
    const command = new PutObjectCommand({ Bucket, Key, Body: readFileSync(file), ContentType: 'image/jpeg' });
    answers.push(
      s3.send(command).then(
        () => ({ key: Key, sentAt, answeredAt: Date.now() }),
        () => ({ key: Key, sentAt, answeredAt: null }),
      ),
    );
  }
  process.stdout.write(JSON.stringify(await Promise.all(answers)));
}
