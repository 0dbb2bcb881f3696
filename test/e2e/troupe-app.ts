import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import {
  GetQueueAttributesCommand,
  ListQueuesCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient, GetCommand, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { main } from '../../lib/cli/index.ts';
import { createLiveCloud } from '../../lib/cli/live-cloud.ts';
import { createLiveWorld } from '../../lib/cli/live-world.ts';
import { addressOf } from '../../lib/cli/local-control.ts';
import { Row, STACK_OUTPUTS } from '../../lib/contracts/index.ts';
import {
  type LocalCloud,
  type LocalCloudOptions,
  readTrace,
  startLocalCloud,
  type TraceEntry,
} from '../../lib/local/index.ts';

export const CHECKOUT = fileURLToPath(new URL('../..', import.meta.url));
const PYTHON = join(CHECKOUT, '.venv/bin/python');

/** A new folder of the checkout: bundles run from it still find the checkout's packages. */
export function scratchFolder(name: string): string {
  mkdirSync(join(CHECKOUT, '.troupe'), { recursive: true });
  return mkdtempSync(join(CHECKOUT, '.troupe', `${name}-`));
}

/** The real app, synthesised with a tiny random base model so that tuning takes seconds. */
export function synthesiseTiny(folder: string, app = 'node bin/app.ts'): { cdkOut: string; models: string } {
  const models = join(folder, 'models');
  execFileSync(PYTHON, ['test/e2e/make_models.py', models], { cwd: CHECKOUT });
  const cdkOut = join(folder, 'cdk.out');
  execFileSync(
    'node_modules/.bin/cdk',
    ['synth', '--quiet', '--no-notices', '--app', app, '--output', cdkOut, '--context', `models=${models}`],
    // CDK's own template rules take seconds, and test/infra has them.
    { cwd: CHECKOUT, stdio: ['ignore', 'ignore', 'inherit'], env: { ...process.env, CDK_VALIDATION: 'false' } },
  );
  return { cdkOut, models };
}

/** The app in the local cloud, as a test drives it: objects, rows and processes. */
export class RunningApp {
  readonly #cloud: LocalCloud;
  readonly #s3: S3Client;
  readonly #sqs: SQSClient;
  readonly #rows: DynamoDBDocumentClient;
  readonly #outputs: Record<string, string>;

  private constructor(cloud: LocalCloud) {
    this.#cloud = cloud;
    this.#outputs = Object.assign({}, ...Object.values(cloud.outputs));
    const settings = {
      endpoint: cloud.endpoints.aws,
      region: 'us-east-1',
      credentials: { accessKeyId: 'TEST', secretAccessKey: 'test' },
    };
    this.#s3 = new S3Client({ ...settings, forcePathStyle: true });
    this.#sqs = new SQSClient(settings);
    this.#rows = DynamoDBDocumentClient.from(new DynamoDBClient(settings));
  }

  static async start(
    app: { cdkOut: string; models: string },
    stateDir: string,
    options: Pick<LocalCloudOptions, 'faults' | 'now'> = {},
  ): Promise<RunningApp> {
    const images = [
      { holds: 'containers/worker/troupe_worker', interpreter: PYTHON, environment: { TROUPE_MODELS: app.models } },
    ];
    return new RunningApp(await startLocalCloud({ cdkOut: app.cdkOut, stateDir, images, ...options }));
  }

  stop(): Promise<void> {
    return this.#cloud.stop();
  }

  trace(): TraceEntry[] {
    return readTrace(this.#cloud.traceFile);
  }

  /** What each process of a job has printed: a job that was submitted twice has two. */
  jobLogs(job: string): string[] {
    const jobs = this.trace().filter(({ hop, jobName }) => hop === 'job.started' && jobName?.startsWith(job));
    const folder = join(dirname(this.#cloud.traceFile), 'logs', 'jobs');
    return [...new Set(jobs.map(({ jobId = '' }) => jobId))].map((id) =>
      readFileSync(join(folder, `${id}.log`), 'utf8'),
    );
  }

  async upload(key: string, body: Uint8Array | string): Promise<void> {
    const Bucket = this.#outputs[STACK_OUTPUTS.intakeBucket];
    await this.#s3.send(
      new PutObjectCommand({ Bucket, Key: key, Body: body, ContentType: 'application/octet-stream' }),
    );
  }

  async uploadFile(key: string, path: string): Promise<void> {
    await this.upload(key, readFileSync(join(CHECKOUT, path)));
  }

  /** SHA-256 by key of the library's objects below `prefix`. */
  async digests(prefix: string): Promise<Record<string, string>> {
    const found = await this.#s3.send(new ListObjectsV2Command({ Bucket: this.#library, Prefix: prefix }));
    const entries = (found.Contents ?? []).map(async ({ Key = '' }) => {
      const body = await this.read(Key);
      return [Key, createHash('sha256').update(body).digest('hex')] as const;
    });
    return Object.fromEntries(await Promise.all(entries));
  }

  async read(key: string): Promise<Uint8Array> {
    const object = await this.#s3.send(new GetObjectCommand({ Bucket: this.#library, Key: key }));
    return (await object.Body?.transformToByteArray()) ?? new Uint8Array();
  }

  async row<Name extends Row['row']>(row: Name, key: { pk: string; sk: string }) {
    const found = await this.#rows.send(new GetCommand({ TableName: this.#table, Key: key, ConsistentRead: true }));
    if (!found.Item) return undefined;
    const read = readRow(found.Item);
    if (read.row !== row) throw new Error(`${key.pk} ${key.sk} is a row of kind ${read.row}, not ${row}`);
    return read as Extract<Row, { row: Name }>;
  }

  async rows<Name extends Row['row']>(row: Name) {
    const found = await this.#rows.send(new ScanCommand({ TableName: this.#table, ConsistentRead: true }));
    const rows = (found.Items ?? []).map(readRow);
    return rows.filter((candidate) => candidate.row === row) as Extract<Row, { row: Name }>[];
  }

  /** The address of the one queue whose name holds `part`, as the construct that made it is called. */
  async queue(part: string): Promise<string> {
    const [url, ...more] = (await this.#queues()).filter((one) => one.includes(part));
    if (url === undefined || more.length > 0) throw new Error(`${more.length + (url ? 1 : 0)} queues of ${part}`);
    return url;
  }

  /** Send at most ten messages at once, which whoever reads ten gets together; return their ids. */
  async send(part: string, bodies: string[]): Promise<string[]> {
    const Entries = bodies.map((MessageBody, index) => ({ Id: String(index), MessageBody }));
    const sent = await this.#sqs.send(new SendMessageBatchCommand({ QueueUrl: await this.queue(part), Entries }));
    const ids = new Map(sent.Successful?.map(({ Id, MessageId }) => [Id, MessageId]));
    return bodies.map((_, index) => ids.get(String(index)) ?? '');
  }

  /** Texts of at most ten messages that wait in a queue, which nobody else reads. */
  async receive(part: string): Promise<string[]> {
    const request = { QueueUrl: await this.queue(part), MaxNumberOfMessages: 10, VisibilityTimeout: 0 };
    const { Messages = [] } = await this.#sqs.send(new ReceiveMessageCommand(request));
    return Messages.map(({ Body = '' }) => Body);
  }

  /** Have a queue hand out again after so long what was not done: a test cannot wait for the template's minutes. */
  async hideFor(part: string, seconds: number): Promise<void> {
    const Attributes = { VisibilityTimeout: String(seconds) };
    await this.#sqs.send(new SetQueueAttributesCommand({ QueueUrl: await this.queue(part), Attributes }));
  }

  /** Wait until every copy that a fault holds back has come, and no queue of work holds a message. */
  async quiet(): Promise<void> {
    await eventually('nothing is on its way', 120, async () => {
      const comes = this.trace().map(({ time, milliseconds = 0, fault }) =>
        fault ? Date.parse(time) + milliseconds : 0,
      );
      if (Math.max(0, ...comes) + 1_000 > Date.now()) return undefined;
      const work = (await this.#queues()).filter((url) => !url.includes('DeadLetters'));
      const counts = await Promise.all(work.map((url) => this.#count(url)));
      return counts.every((count) => count === 0) || undefined;
    });
  }

  /** What `troupe status` prints. */
  async status(): Promise<string> {
    let text = '';
    const answer = (part: string) => {
      text += part;
    };
    const output = { answer, aside: () => undefined };
    const code = await main(['status'], output, (choice, json) => ({
      ...createLiveWorld(choice, json, CHECKOUT, CHECKOUT),
      cloud: async () => createLiveCloud(addressOf(this.#cloud)),
    }));
    if (code !== 0) throw new Error(`troupe status ended with ${code}`);
    return text;
  }

  async #queues(): Promise<string[]> {
    return (await this.#sqs.send(new ListQueuesCommand({}))).QueueUrls ?? [];
  }

  async #count(QueueUrl: string): Promise<number> {
    const AttributeNames = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'] as const;
    const { Attributes = {} } = await this.#sqs.send(
      new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [...AttributeNames] }),
    );
    return AttributeNames.reduce((sum, name) => sum + Number(Attributes[name] ?? 0), 0);
  }

  get #library(): string | undefined {
    return this.#outputs[STACK_OUTPUTS.libraryBucket];
  }

  get #table(): string | undefined {
    return this.#outputs[STACK_OUTPUTS.stateTable];
  }
}

/** A stored item without the keys that only the table needs. */
function readRow({ pk: _pk, sk: _sk, list: _list, sk2: _sk2, ...item }: Record<string, unknown>): Row {
  return Row.parse(item);
}

/** Ask again until there is an answer; fail with what was awaited when `seconds` are over. */
export async function eventually<T>(
  awaited: string,
  seconds: number,
  ask: () => T | undefined | Promise<T | undefined>,
): Promise<T> {
  const end = Date.now() + seconds * 1_000;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (Date.now() > end) throw new Error(`not within ${seconds} s: ${awaited}`);
    await pause(100);
  }
}
