import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { CreateBucketCommand, HeadObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDynamoTable } from '../../functions/_shared/dynamo-table.ts';
import type { Objects, Queues } from '../../functions/_shared/ports.ts';
import { createS3Objects } from '../../functions/_shared/s3-objects.ts';
import { createSqsQueues } from '../../functions/_shared/sqs-queues.ts';
import type { Table } from '../../functions/_shared/state.ts';
import { STATE_INDEX } from '../../lib/contracts/index.ts';
import { createMemoryObjects } from '../fakes/memory-objects.ts';
import { createMemoryTable } from '../fakes/memory-table.ts';
import { startMoto } from '../fakes/moto.ts';
import { createWorld } from '../fakes/world.ts';
import { describeObjects, describeQueues, describeTable } from './adapter-suites.ts';

describe('the table in memory', () => {
  const table = createMemoryTable();
  describeTable(() => table);
});

describe('the bucket in memory', () => {
  const objects = createMemoryObjects();
  describeObjects(() => objects);
});

describe('the queues in memory', () => {
  const world = createWorld();
  describeQueues(
    () => world.ports.queues,
    async (queue) => world.sent[queue],
  );
});

describe('over a server', () => {
  let stop = () => {};
  let table: Table;
  let objects: Objects;
  let queues: Queues;
  let s3: S3Client;
  let sqs: SQSClient;
  const urls = { tuning: '', render: '', campaigns: '', uploads: '', jobChanges: '', variants: '' };

  beforeAll(async () => {
    const moto = await startMoto();
    stop = moto.stop;
    const settings = {
      endpoint: moto.endpoint,
      region: 'us-east-1',
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    };
    s3 = new S3Client(settings);
    sqs = new SQSClient(settings);
    const dynamodb = new DynamoDBClient(settings);
    await s3.send(new CreateBucketCommand({ Bucket: 'library' }));
    await dynamodb.send(stateTable('state'));
    for (const name of Object.keys(urls) as (keyof Queues)[]) {
      urls[name] = (await sqs.send(new CreateQueueCommand({ QueueName: name }))).QueueUrl ?? '';
    }
    table = createDynamoTable('state', dynamodb);
    objects = createS3Objects('library', s3);
    queues = createSqsQueues(urls, sqs);
  }, 60_000);
  afterAll(() => stop());

  describe('the table in DynamoDB', () => {
    describeTable(() => table);
  });

  describe('the bucket in S3', () => {
    describeObjects(() => objects);

    it('says of an object what it is', async () => {
      await objects.create('typed.png', Buffer.from('x'), 'image/png');
      const head = await s3.send(new HeadObjectCommand({ Bucket: 'library', Key: 'typed.png' }));
      expect(head.ContentType).toBe('image/png');
    });
  });

  describe('the queues in SQS', () => {
    describeQueues(
      () => queues,
      async (queue) => {
        const command = new ReceiveMessageCommand({
          QueueUrl: urls[queue],
          MaxNumberOfMessages: 10,
          WaitTimeSeconds: 1,
        });
        const { Messages = [] } = await sqs.send(command);
        return Messages.map(({ Body = '' }) => JSON.parse(Body));
      },
    );
  });
});

const stateTable = (TableName: string) =>
  new CreateTableCommand({
    TableName,
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: ['pk', 'sk', 'list', 'sk2'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
    KeySchema: [
      { AttributeName: 'pk', KeyType: 'HASH' },
      { AttributeName: 'sk', KeyType: 'RANGE' },
    ],
    GlobalSecondaryIndexes: [
      {
        IndexName: STATE_INDEX,
        Projection: { ProjectionType: 'ALL' },
        KeySchema: [
          { AttributeName: 'list', KeyType: 'HASH' },
          { AttributeName: 'sk2', KeyType: 'RANGE' },
        ],
      },
    ],
  });
