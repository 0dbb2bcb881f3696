import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import {
  BatchClient,
  DescribeJobsCommand,
  type JobDetail,
  ListJobsCommand,
  SubmitJobCommand,
  TerminateJobCommand,
} from '@aws-sdk/client-batch';
import { CloudWatchLogsClient, DescribeLogStreamsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { type AttributeValue, DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type LocalCloud, readTrace, startLocalCloud, type TraceEntry } from '../../lib/local/index.ts';

const CHECKOUT = fileURLToPath(new URL('../..', import.meta.url));
const ORCHARD = join(CHECKOUT, 'test', 'fixtures', 'orchard');
const PYTHON = join(CHECKOUT, '.venv', 'bin', 'python');
const PATIENCE_MS = 30_000;

let cloud: LocalCloud;
let stateDir: string;
let clients: { s3: S3Client; sqs: SQSClient; dynamodb: DynamoDBClient; batch: BatchClient; logs: CloudWatchLogsClient };

beforeAll(async () => {
  stateDir = mkdtempSync(join(tmpdir(), 'orchard-'));
  process.env.AWS_PROFILE = 'somebody-real';
  cloud = await startLocalCloud({ cdkOut: ORCHARD, stateDir, images: [{ holds: 'press.py', interpreter: PYTHON }] });
  const settings = { region: 'us-east-1', credentials: { accessKeyId: 'TEST', secretAccessKey: 'test' } };
  const aws = { ...settings, endpoint: cloud.endpoints.aws };
  clients = {
    s3: new S3Client(aws),
    sqs: new SQSClient(aws),
    dynamodb: new DynamoDBClient(aws),
    logs: new CloudWatchLogsClient(aws),
    batch: new BatchClient({ ...settings, endpoint: cloud.endpoints.batch }),
  };
});

afterAll(async () => {
  const pids = trace().flatMap(({ pid }) => pid ?? []);
  await cloud.stop();
  expect(pids.length).toBeGreaterThan(0);
  expect(pids.filter(isRunning)).toEqual([]);
  expect(existsSync(join(stateDir, 'local.json'))).toBe(false);
  expect(existsSync(join(stateDir, 'processes.txt'))).toBe(false);
  rmSync(stateDir, { recursive: true });
});

describe('the way from bucket to bucket', () => {
  test('a crate becomes a row in the ledger, each hop in a process of its own', async () => {
    await putCrate('apples/gala.json');
    const row = await ledgerRow('gala.bottle');
    const hops = trace();
    const arrived = hops.find(({ hop, objectKey }) => hop === 'object.created' && objectKey === 'apples/gala.json');
    const routed = hops.find(({ hop, eventId }) => hop === 'event.routed' && eventId === arrived?.eventId);
    const sorted = hops.find(
      ({ hop, messageIds }) => hop === 'function.invoked' && messageIds?.includes(routed?.messageId ?? ''),
    );
    const submitted = hops.find(({ hop, requestId }) => hop === 'job.submitted' && requestId === sorted?.requestId);
    const started = hops.find(({ hop, jobId }) => hop === 'job.started' && jobId === submitted?.jobId);
    const bottled = hops.find(({ hop, objectKey }) => hop === 'object.created' && objectKey === 'gala.bottle');
    const labelled = hops.find(({ hop, pid }) => hop === 'function.invoked' && pid === Number(row.pid?.N));
    expect([arrived, routed, sorted, submitted, started, bottled, labelled].every((hop) => hop !== undefined)).toBe(
      true,
    );
    expect(submitted).toMatchObject({ jobName: 'press-gala', pid: sorted?.pid });
    expect(new Set([sorted?.pid, started?.pid, labelled?.pid, process.pid]).size).toBe(4);
    expect(row.versionId?.S).not.toBe('-');
  });

  test('what no rule asks for goes nowhere, and a disabled rule asks for nothing', async () => {
    await putCrate('pears/williams.json');
    await hop(({ objectKey }) => objectKey === 'pears/williams.json');
    await putCrate('apples/boskoop.json');
    await ledgerRow('boskoop.bottle');
    expect(trace().some(({ hop, objectKey }) => hop === 'event.routed' && objectKey === 'pears/williams.json')).toBe(
      false,
    );
    expect(trace().some(({ rule }) => rule?.includes('Sleeping'))).toBe(false);
  });

  test('two events never share an id or a sequencer', async () => {
    const rows = await Promise.all(['gala.bottle', 'boskoop.bottle'].map(ledgerRow));
    expect(new Set(rows.map((row) => row.eventId?.S)).size).toBe(2);
    expect(new Set(rows.map((row) => row.sequencer?.S)).size).toBe(2);
  });

  test('a child sees the variables of the template and none of ours', async () => {
    const { variables } = await ledgerRow('gala.bottle');
    const inFunction = JSON.parse(variables?.S ?? '{}') as Record<string, string>;
    expect(inFunction).toMatchObject({
      AWS_ENDPOINT_URL: cloud.endpoints.aws,
      LEDGER: cloud.outputs.Cellar?.LedgerName,
    });
    const bottle = await clients.s3.send(
      new GetObjectCommand({ Bucket: cloud.outputs.Cellar?.BottlesName, Key: 'gala.bottle' }),
    );
    const inJob = (
      JSON.parse((await bottle.Body?.transformToString()) ?? '{}') as { variables: Record<string, string> }
    ).variables;
    expect(inJob).toMatchObject({ AWS_ENDPOINT_URL_BATCH: cloud.endpoints.batch, AWS_BATCH_JOB_ATTEMPT: '1' });
    for (const seen of [inFunction, inJob]) {
      expect(seen.AWS_PROFILE).toBeUndefined();
      expect(seen.HOME).not.toBe(process.env.HOME);
    }
  });

  test('a rotten crate ends among the dead letters and takes no neighbour with it', async () => {
    await Promise.all(['rotten', 'fuji', 'elstar'].map((name) => putCrate(`apples/${name}.json`)));
    await Promise.all(['fuji.bottle', 'elstar.bottle'].map(ledgerRow));
    const body = await eventually(async () => {
      const reply = await clients.sqs.send(new ReceiveMessageCommand({ QueueUrl: cloud.outputs.Orchard?.CompostUrl }));
      return reply.Messages?.[0]?.Body;
    });
    expect(JSON.parse(body)).toMatchObject({ detail: { object: { key: 'apples/rotten.json' } } });
  });

  test('what a process prints is in a file and in CloudWatch Logs', async () => {
    const submitted = await hop(({ hop, jobName }) => hop === 'job.submitted' && jobName === 'press-gala');
    expect(readFileSync(join(stateDir, 'logs', 'jobs', `${submitted.jobId}.log`), 'utf8')).toContain('pressing gala');
    const streams = await clients.logs.send(new DescribeLogStreamsCommand({ logGroupName: '/aws/batch/job' }));
    expect(streams.logStreams?.length).toBeGreaterThan(0);
  });
});

describe('Batch', () => {
  test('an array job is one parent whose children each know their index', async () => {
    const jobId = await submit('rows', { fruit: 'row' }, { size: 3 });
    const parent = await jobOver(jobId);
    expect(parent).toMatchObject({
      status: 'SUCCEEDED',
      arrayProperties: { size: 3, statusSummary: { SUCCEEDED: 3 } },
    });
    await Promise.all([0, 1, 2].map((index) => ledgerRow(`row-${index}.bottle`)));
    const children = await clients.batch.send(new ListJobsCommand({ arrayJobId: jobId, jobStatus: 'SUCCEEDED' }));
    expect(children.jobSummaryList?.map((child) => child.jobId).sort()).toEqual(
      [0, 1, 2].map((index) => `${jobId}:${index}`),
    );
    // The rule leaves out ids with a colon: the array is announced once, its children not at all.
    await eventually(async () => announcements() >= submissions() || undefined);
    expect(announcements()).toBe(submissions());
  });

  test('kill -9 of a process is exit 137, and the rules try again', async () => {
    const jobId = await submit('jam', { fruit: 'quince', mode: 'jammed' });
    const { pid = 0 } = await hop((entry) => entry.hop === 'job.started' && entry.jobId === jobId);
    await eventually(async () => readLog(jobId).includes('jammed') || undefined);
    const [sleeper = 0] = childrenOf(pid);
    expect(isRunning(sleeper)).toBe(true);
    process.kill(pid, 'SIGKILL');
    const job = await jobOver(jobId);
    expect(job.status).toBe('SUCCEEDED');
    expect(job.attempts?.map(({ container }) => container?.exitCode)).toEqual([137, 0]);
    expect(isRunning(sleeper)).toBe(false);
    expect(
      trace()
        .filter((entry) => entry.hop === 'job.ended' && entry.jobId === jobId)
        .map(({ outcome }) => outcome),
    ).toEqual(['retry', 'succeeded']);
  });

  test('an exit code that the rules call final ends the job', async () => {
    const job = await jobOver(await submit('rot', { mode: 'rotten' }));
    expect(job).toMatchObject({
      status: 'FAILED',
      statusReason: 'Essential container in task exited',
      container: { exitCode: 42 },
    });
    expect(job.attempts?.length).toBe(1);
  });

  test('a terminated job fails with the reason given and is not tried again', async () => {
    const jobId = await submit('stuck', { mode: 'jammed' });
    await hop((entry) => entry.hop === 'job.started' && entry.jobId === jobId);
    await clients.batch.send(new TerminateJobCommand({ jobId, reason: 'rain' }));
    const job = await jobOver(jobId);
    expect(job).toMatchObject({ status: 'FAILED', statusReason: 'rain', isTerminated: true });
    expect(job.attempts?.length).toBe(1);
  });

  test('a job is found by its name, and unknown queues, definitions and jobs are refused', async () => {
    const filters = [{ name: 'JOB_NAME', values: ['PRESS-ga*'] }];
    const found = await clients.batch.send(
      new ListJobsCommand({ jobQueue: cloud.outputs.Orchard?.PressQueueArn, filters }),
    );
    // A machine that is slow may be given a crate twice, so there may be two jobs of the name.
    expect(new Set(found.jobSummaryList?.map(({ jobName }) => jobName))).toEqual(new Set(['press-gala']));
    const wrong = { jobName: 'x', jobQueue: cloud.outputs.Orchard?.PressQueueArn, jobDefinition: 'nobody' };
    await expect(clients.batch.send(new SubmitJobCommand(wrong))).rejects.toMatchObject({ name: 'ClientException' });
  });
});

function trace(): TraceEntry[] {
  return readTrace(cloud.traceFile);
}

function submissions(): number {
  return trace().filter((entry) => entry.hop === 'job.submitted').length;
}

function announcements(): number {
  return trace().filter((entry) => entry.hop === 'event.routed' && entry.rule?.includes('Pressed')).length;
}

function hop(wanted: (entry: TraceEntry) => boolean): Promise<TraceEntry> {
  return eventually(async () => trace().find(wanted));
}

async function putCrate(key: string): Promise<void> {
  const Bucket = cloud.outputs.Orchard?.CratesName;
  await clients.s3.send(new PutObjectCommand({ Bucket, Key: key, Body: '{}', ContentType: 'application/json' }));
}

function ledgerRow(bottle: string): Promise<Record<string, AttributeValue>> {
  return eventually(async () => {
    const Key = { bottle: { S: bottle } };
    return (await clients.dynamodb.send(new GetItemCommand({ TableName: cloud.outputs.Cellar?.LedgerName, Key }))).Item;
  });
}

async function submit(
  jobName: string,
  parameters: Record<string, string>,
  arrayProperties?: { size: number },
): Promise<string> {
  const { PressQueueArn: jobQueue, PressArn: jobDefinition } = cloud.outputs.Orchard ?? {};
  const { jobId = '' } = await clients.batch.send(
    new SubmitJobCommand({ jobName, jobQueue, jobDefinition, parameters, ...(arrayProperties && { arrayProperties }) }),
  );
  return jobId;
}

function jobOver(jobId: string): Promise<JobDetail> {
  return eventually(async () => {
    const { jobs } = await clients.batch.send(new DescribeJobsCommand({ jobs: [jobId] }));
    return jobs?.find(({ status }) => status === 'SUCCEEDED' || status === 'FAILED');
  });
}

function readLog(jobId: string): string {
  const path = join(stateDir, 'logs', 'jobs', `${jobId}.log`);
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}

function childrenOf(pid: number): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').map(Number);
}

/** Whether the process exists and is more than an entry that nobody has collected yet. */
function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

async function eventually<Value>(look: () => Promise<Value | undefined>): Promise<Value> {
  const giveUp = Date.now() + PATIENCE_MS;
  for (;;) {
    const value = await look();
    if (value !== undefined) return value;
    if (Date.now() > giveUp)
      throw new Error(`nothing came within ${PATIENCE_MS} ms; trace:\n${readFileSync(cloud.traceFile, 'utf8')}`);
    await sleep(50);
  }
}
