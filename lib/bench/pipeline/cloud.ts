import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { createDynamoTable } from '../../../functions/_shared/dynamo-table.ts';
import type { State } from '../../../functions/_shared/ports.ts';
import { createState } from '../../../functions/_shared/state.ts';
import { STACK_OUTPUTS } from '../../contracts/index.ts';
import { type ImageProgram, readTrace, startLocalCloud, type TraceEntry } from '../../local/index.ts';
import type { BenchPlace } from '../bench.ts';

/** A local cloud of the bench's own, which nothing was in before and nothing of which is left. */
export interface BenchCloud {
  /** Where AWS answers, and the bucket that uploads go to: for a sender in a process of its own. */
  endpoint: string;
  intake: string;
  state: State;
  upload(key: string, body: Uint8Array | string, contentType?: string): Promise<void>;
  trace(): TraceEntry[];
}

/** Run the app that was synthesised into `cdkOut`, with the checkout's own worker where `images` is absent, for as long as `work` does. */
export async function inCloud<T>(
  { checkout }: BenchPlace,
  { cdkOut, images }: { cdkOut: string; images?: ImageProgram[] },
  work: (cloud: BenchCloud) => Promise<T>,
): Promise<T> {
  const stateDir = scratchFolder(checkout);
  try {
    const local = await startLocalCloud({ checkout, cdkOut, stateDir, ...(images === undefined ? {} : { images }) });
    const outputs: Record<string, string> = Object.assign({}, ...Object.values(local.outputs));
    const credentials = {
      accessKeyId: local.env.AWS_ACCESS_KEY_ID ?? '',
      secretAccessKey: local.env.AWS_SECRET_ACCESS_KEY ?? '',
    };
    const settings = { endpoint: local.endpoints.aws, region: local.env.AWS_REGION ?? '', credentials };
    const s3 = new S3Client(settings);
    const dynamo = new DynamoDBClient(settings);
    const intake = outputs[STACK_OUTPUTS.intakeBucket] ?? '';
    const table = createDynamoTable(outputs[STACK_OUTPUTS.stateTable] ?? '', dynamo);
    try {
      return await work({
        ...{ endpoint: local.endpoints.aws, intake },
        state: createState(table, () => new Date()),
        async upload(Key, Body, ContentType = 'application/octet-stream') {
          await s3.send(new PutObjectCommand({ Bucket: intake, Key, Body, ContentType }));
        },
        trace: () => readTrace(local.traceFile),
      });
    } finally {
      s3.destroy();
      dynamo.destroy();
      await local.stop();
    }
  } finally {
    rmSync(stateDir, { recursive: true, force: true });
  }
}

/** A new folder of the checkout: bundles run from it still find the checkout's packages. */
export function scratchFolder(checkout: string): string {
  mkdirSync(join(checkout, '.troupe'), { recursive: true });
  return mkdtempSync(join(checkout, '.troupe', 'bench-'));
}

/** Ask until there is an answer. Throws when there is none in time: a bench that waits for ever measures nothing. */
export async function waitUntil<T>(what: string, seconds: number, ask: () => Promise<T | undefined>): Promise<T> {
  const began = Date.now();
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    const waited = Date.now() - began;
    if (waited > seconds * 1_000) throw new Error(`${what}: not within ${seconds} s`);
    // Less often the longer it takes: asking must not be what takes long.
    await pause(500 + waited / 20);
  }
}

/** The keys below `prefix` that a function was told of and need not be told of again. */
export function settledKeys(trace: readonly TraceEntry[], prefix: string): Set<string> {
  const keys = new Map<string, string>();
  const taken = new Map<string, readonly string[]>();
  const settled = new Set<string>();
  for (const { hop, objectKey, messageId = '', requestId = '', messageIds = [], failedMessageIds = [] } of trace) {
    if (hop === 'event.routed' && objectKey?.startsWith(prefix)) keys.set(messageId, objectKey);
    if (hop === 'function.invoked') taken.set(requestId, messageIds);
    if (hop !== 'function.finished') continue;
    for (const id of taken.get(requestId) ?? []) if (!failedMessageIds.includes(id)) settled.add(id);
  }
  return new Set([...settled].flatMap((id) => keys.get(id) ?? []));
}
