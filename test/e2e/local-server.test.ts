import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CreateTableCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { CreateBucketCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { CreateQueueCommand, type Message, SendMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Clients, createClients } from '../../lib/local/clients.ts';
import { type MotoServer, startMoto } from '../../lib/local/moto/server.ts';
import { ProcessLedger } from '../../lib/local/processes/ledger.ts';
import { QueuePoller } from '../../lib/local/queues/poller.ts';

const PYTHON = fileURLToPath(new URL('../../.venv/bin/python', import.meta.url));
const AT_ONCE = 20;
const MESSAGES = 200;

let stateDir: string;
let moto: MotoServer;
let clients: Clients;

beforeAll(async () => {
  stateDir = mkdtempSync(join(tmpdir(), 'server-'));
  const ledger = new ProcessLedger(join(stateDir, 'processes.txt'));
  moto = await startMoto({ python: PYTHON, account: '123456789012', stateDir }, ledger);
  clients = createClients(moto.endpoint, 'us-east-1');
});

afterAll(async () => {
  clients.destroy();
  await moto.stop();
  rmSync(stateDir, { recursive: true });
});

/** Do the same thing many times at once and return how many of them worked. */
async function winners(attempt: (index: number) => Promise<unknown>): Promise<number> {
  const results = await Promise.allSettled(Array.from({ length: AT_ONCE }, (_, index) => attempt(index)));
  return results.filter(({ status }) => status === 'fulfilled').length;
}

test('of many conditional writes of one row in the same moment, one works', async () => {
  await clients.dynamodb.send(
    new CreateTableCommand({
      TableName: 'rows',
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
    }),
  );
  const write = (index: number) =>
    clients.dynamodb.send(
      new PutItemCommand({
        TableName: 'rows',
        Item: { id: { S: 'one' }, by: { N: String(index) } },
        ConditionExpression: 'attribute_not_exists(id)',
      }),
    );
  expect(await winners(write)).toBe(1);
});

test('of many create-only writes of one object in the same moment, one works', async () => {
  await clients.s3.send(new CreateBucketCommand({ Bucket: 'objects' }));
  const write = (index: number) =>
    clients.s3.send(new PutObjectCommand({ Bucket: 'objects', Key: 'one', Body: String(index), IfNoneMatch: '*' }));
  expect(await winners(write)).toBe(1);
});

test('a queue that is written and emptied at once loses no message and delivers none twice', async () => {
  const { QueueUrl: queueUrl = '' } = await clients.sqs.send(new CreateQueueCommand({ QueueName: 'busy' }));
  const seen: string[] = [];
  const handle = async (messages: Message[]): Promise<Message[]> => {
    seen.push(...messages.map(({ Body = '' }) => Body));
    return messages;
  };
  const poller = new QueuePoller(clients.sqs, { queueUrl, slots: 3, batchSize: 10, windowSeconds: 0, handle });
  poller.start();
  let next = 0;
  const send = async (): Promise<void> => {
    while (next < MESSAGES) {
      const number = next;
      next += 1;
      await clients.sqs.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: String(number) }));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, send));
  await expect.poll(() => new Set(seen).size, { timeout: 30_000 }).toBe(MESSAGES);
  await poller.stop();
  expect(seen.length).toBe(MESSAGES);
});
