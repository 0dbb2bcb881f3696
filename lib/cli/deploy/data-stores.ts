import { CloudWatchLogsClient, paginateDescribeLogGroups } from '@aws-sdk/client-cloudwatch-logs';
import {
  DeleteTableCommand,
  DescribeTableCommand,
  DynamoDBClient,
  UpdateTableCommand,
  waitUntilTableExists,
  waitUntilTableNotExists,
} from '@aws-sdk/client-dynamodb';
import {
  DeleteBucketCommand,
  DeleteObjectsCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListObjectVersionsCommand,
  type ListObjectVersionsCommandOutput,
  S3Client,
} from '@aws-sdk/client-s3';
import { GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { Account, ResourceSeen } from './account.ts';
import type { AccountSettings } from './live-account.ts';

type Stores = Pick<Account, 'exists' | 'objectBytes' | 'countVersions' | 'emptyBucket' | 'remove'>;

const TABLE_WAIT_SECONDS = 300;

/** The part of an account that holds data: whether it is there, what is in it, and how it goes. */
export function createDataStores(settings: AccountSettings): Stores {
  const s3 = new S3Client(settings);
  const tables = new DynamoDBClient(settings);
  const logs = new CloudWatchLogsClient(settings);
  const queues = new SQSClient(settings);
  // The SDK has no paginator for this list.
  async function* versionsOf(Bucket: string): AsyncGenerator<ListObjectVersionsCommandOutput> {
    let after: { KeyMarker?: string; VersionIdMarker?: string } | undefined = {};
    while (after) {
      const page: ListObjectVersionsCommandOutput = await s3.send(new ListObjectVersionsCommand({ Bucket, ...after }));
      yield page;
      after = page.IsTruncated
        ? { KeyMarker: page.NextKeyMarker, VersionIdMarker: page.NextVersionIdMarker }
        : undefined;
    }
  }

  /** By the type of a resource: ask its own service, not CloudFormation, whether it is there. */
  const look: Record<string, (name: string) => Promise<unknown>> = {
    'AWS::S3::Bucket': (name) => s3.send(new HeadBucketCommand({ Bucket: name })),
    'AWS::DynamoDB::Table': (name) => tables.send(new DescribeTableCommand({ TableName: name })),
    'AWS::SQS::Queue': (url) => queues.send(new GetQueueAttributesCommand({ QueueUrl: url })),
    'AWS::Logs::LogGroup': async (name) => {
      for await (const { logGroups = [] } of paginateDescribeLogGroups(
        { client: logs },
        { logGroupNamePrefix: name },
      )) {
        if (logGroups.some(({ logGroupName }) => logGroupName === name)) return;
      }
      throw Object.assign(new Error(`no log group ${name}`), { name: 'ResourceNotFoundException' });
    },
  };

  return {
    async exists({ type, name }) {
      const ask = look[type];
      if (ask === undefined) return undefined;
      return ask(name).then(
        () => true,
        (error: Error) => {
          if (!isGone(error)) throw error;
          return false;
        },
      );
    },
    async objectBytes(bucket, key) {
      try {
        return (await s3.send(new HeadObjectCommand({ Bucket: bucket, Key: key }))).ContentLength;
      } catch (error) {
        if (isGone(error as Error)) return undefined;
        throw error;
      }
    },
    async countVersions(bucket) {
      let count = 0;
      for await (const page of versionsOf(bucket)) count += namesOf(page).length;
      return count;
    },
    async emptyBucket(bucket, onDeleted) {
      for await (const page of versionsOf(bucket)) {
        const Objects = namesOf(page);
        if (Objects.length === 0) continue;
        const reply = await s3.send(new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects, Quiet: true } }));
        const [failed] = reply.Errors ?? [];
        if (failed) throw new Error(`${bucket}/${failed.Key} was not deleted: ${failed.Code} ${failed.Message}`);
        onDeleted(Objects.length);
      }
    },
    async remove({ type, name }: ResourceSeen) {
      if (type === 'AWS::S3::Bucket') await s3.send(new DeleteBucketCommand({ Bucket: name }));
      else if (type === 'AWS::DynamoDB::Table') {
        const { Table } = await tables.send(new DescribeTableCommand({ TableName: name }));
        if (Table?.DeletionProtectionEnabled) {
          await tables.send(new UpdateTableCommand({ TableName: name, DeletionProtectionEnabled: false }));
          await waitUntilTableExists({ client: tables, maxWaitTime: TABLE_WAIT_SECONDS }, { TableName: name });
        }
        await tables.send(new DeleteTableCommand({ TableName: name }));
        await waitUntilTableNotExists({ client: tables, maxWaitTime: TABLE_WAIT_SECONDS }, { TableName: name });
      } else throw new Error(`${type} is no store of data`);
    },
  };
}

/** The versions and delete markers of a page: at most a thousand, which is as many as one deletion takes. */
const namesOf = ({ Versions = [], DeleteMarkers = [] }: ListObjectVersionsCommandOutput) =>
  [...Versions, ...DeleteMarkers].map(({ Key = '', VersionId }) => ({ Key, VersionId }));

const GONE = new Set([
  'NotFound',
  'NoSuchBucket',
  'NoSuchKey',
  'ResourceNotFoundException',
  'QueueDoesNotExist',
  'AWS.SimpleQueueService.NonExistentQueue',
]);

const isGone = (error: Error): boolean => GONE.has(error.name);
