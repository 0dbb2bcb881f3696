import { BatchClient, DescribeJobsCommand } from '@aws-sdk/client-batch';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, NoSuchKey, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { DynamoDBDocumentClient, paginateQuery, type QueryCommandInput } from '@aws-sdk/lib-dynamodb';
import { type ListName, Row, STATE_INDEX, type StackOutput } from '../contracts/index.ts';
import type { BatchSeen, Cloud } from './cloud.ts';

/** Where a deployed (or local) Troupe is: what its stack says, and how to reach it. */
export interface Address {
  where: string;
  outputs: Record<StackOutput, string>;
  /** Where Batch is, when it is not where the rest is. */
  batchEndpoint?: string;
  clientSettings: {
    region: string;
    endpoint?: string;
    profile?: string;
    credentials?: { accessKeyId: string; secretAccessKey: string };
  };
}

/** Most jobs that Batch describes in one answer. */
const JOBS_AT_ONCE = 100;

export function createLiveCloud({ where, outputs, clientSettings, batchEndpoint }: Address): Cloud {
  const s3 = new S3Client(clientSettings);
  const batch = new BatchClient({ ...clientSettings, ...(batchEndpoint && { endpoint: batchEndpoint }) });
  const table = DynamoDBDocumentClient.from(new DynamoDBClient(clientSettings));
  const query = async (input: Omit<QueryCommandInput, 'TableName'>): Promise<Row[]> => {
    const rows: Row[] = [];
    for await (const page of paginateQuery({ client: table }, { TableName: outputs.stateTable, ...input })) {
      rows.push(...(page.Items ?? []).map(parseRow));
    }
    return rows;
  };
  return {
    where,
    async upload(key, body, contentType) {
      await s3.send(
        new PutObjectCommand({ Bucket: outputs.intakeBucket, Key: key, Body: body, ContentType: contentType }),
      );
    },
    async readLibrary(key) {
      try {
        const reply = await s3.send(new GetObjectCommand({ Bucket: outputs.libraryBucket, Key: key }));
        return await reply.Body?.transformToByteArray();
      } catch (error) {
        if (error instanceof NoSuchKey) return undefined;
        throw error;
      }
    },
    readPartition: (pk) =>
      query({
        KeyConditionExpression: '#pk = :pk',
        ExpressionAttributeNames: { '#pk': 'pk' },
        ExpressionAttributeValues: { ':pk': pk },
        // What a person has just done must be seen by their next command.
        ConsistentRead: true,
      }),
    async listRows<L extends ListName>(list: L) {
      const rows = await query({
        IndexName: STATE_INDEX,
        KeyConditionExpression: '#list = :list',
        ExpressionAttributeNames: { '#list': 'list' },
        ExpressionAttributeValues: { ':list': list },
      });
      return rows.filter((row): row is Extract<Row, { row: L }> => row.row === list);
    },
    async describeJobs(ids) {
      const seen = new Map<string, BatchSeen>();
      for (let start = 0; start < ids.length; start += JOBS_AT_ONCE) {
        const command = new DescribeJobsCommand({ jobs: ids.slice(start, start + JOBS_AT_ONCE) });
        const { jobs = [] } = await batch.send(command);
        for (const { jobId = '', status = '', statusReason, arrayProperties } of jobs) {
          seen.set(jobId, { status, statusReason, shards: arrayProperties?.statusSummary });
        }
      }
      return seen;
    },
  };
}

/** A row as the contract has it: the table’s own keys are how it is found, not part of it. */
function parseRow(item: Record<string, unknown>): Row {
  const { pk: _pk, sk: _sk, list: _list, sk2: _sk2, ...row } = item;
  return Row.parse(row);
}
