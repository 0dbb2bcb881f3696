import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CloudFormationClient,
  CreateStackCommand,
  DeleteStackCommand,
  waitUntilStackDeleteComplete,
} from '@aws-sdk/client-cloudformation';
import { CloudWatchLogsClient, CreateLogGroupCommand } from '@aws-sdk/client-cloudwatch-logs';
import { DeleteObjectCommand, PutBucketVersioningCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Account } from '../../lib/cli/deploy/account.ts';
import { createLiveAccount } from '../../lib/cli/deploy/live-account.ts';
import { DeployDocument, DestroyDocument, libraryKeys, ModelDocument } from '../../lib/contracts/index.ts';
import { createFakeDeploys } from '../fakes/account.ts';
import { writeModelFolder } from '../fakes/model-folder.ts';
import { startMoto } from '../fakes/moto.ts';
import { type } from '../unit/cli/fakes.ts';

/** Preflight, destroy and uploads against AWS’s APIs, as far as moto has them: it knows no quota of EC2 and runs no CDK. */

const moto = await startMoto();
afterAll(() => moto.stop());
const settings = {
  region: 'eu-central-1',
  endpoint: moto.endpoint,
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
};
const stacks = new CloudFormationClient(settings);
const s3 = new S3Client(settings);
const logs = new CloudWatchLogsClient(settings);
const live = createLiveAccount(settings);
const account: Account = {
  ...live,
  // Asked for what a deleted stack had, moto makes it all again; what CloudFormation says is for the unit tests.
  listResources: async (stack) => (stack.startsWith('arn:') ? [] : live.listResources(stack)),
};
const deploys = createFakeDeploys(account, 'models');

/** What a Troupe has of each kind that holds data, small. */
async function createStack(DeletionPolicy: 'Delete' | 'Retain', log: string): Promise<string> {
  const AttributeName = 'pk';
  const table = {
    BillingMode: 'PAY_PER_REQUEST',
    KeySchema: [{ AttributeName, KeyType: 'HASH' }],
    AttributeDefinitions: [{ AttributeName, AttributeType: 'S' }],
  };
  const Resources = {
    Library: { Type: 'AWS::S3::Bucket', DeletionPolicy },
    State: { Type: 'AWS::DynamoDB::Table', DeletionPolicy, Properties: table },
    Uploads: { Type: 'AWS::SQS::Queue' },
    Log: { Type: 'AWS::Logs::LogGroup', Properties: { LogGroupName: log } },
  };
  const template = { Resources, Outputs: { LibraryBucket: { Value: { Ref: 'Library' } } } };
  await stacks.send(new CreateStackCommand({ StackName: 'troupe-trial', TemplateBody: JSON.stringify(template) }));
  const library = (await account.findStack('troupe-trial'))?.outputs.LibraryBucket ?? '';
  // By itself: moto's CloudFormation passes it over.
  const VersioningConfiguration = { Status: 'Enabled' } as const;
  await s3.send(new PutBucketVersioningCommand({ Bucket: library, VersioningConfiguration }));
  const picture = { Bucket: library, Key: 'subjects/mina/a.png' };
  await s3.send(new PutObjectCommand({ ...picture, Body: 'one' }));
  await s3.send(new PutObjectCommand({ ...picture, Body: 'two' }));
  await s3.send(new DeleteObjectCommand(picture));
  return library;
}

beforeAll(() => {
  deploys.onCdk = async (words) => {
    if (words[0] !== 'destroy') return 0;
    await stacks.send(new DeleteStackCommand({ StackName: 'troupe-trial' }));
    await waitUntilStackDeleteComplete({ client: stacks, maxWaitTime: 10, minDelay: 1 }, { StackName: 'troupe-trial' });
    return 0;
  };
});

const run = async (...words: string[]) => {
  const { status, answer, aside } = await type([...words, '--json'], { deploys });
  if (status === 1) throw new Error(aside);
  return { status, document: JSON.parse(answer) };
};

it('the preflight asks AWS who and where we are, and whether the CDK was here', async () => {
  const before = await run('deploy', '--check');
  expect(before.status).toBe(2);
  expect(DeployDocument.parse(before.document)).toMatchObject({ account: '123456789012', region: 'eu-central-1' });
  const levels = ({ findings }: DeployDocument) => Object.fromEntries(findings.map(({ code, level }) => [code, level]));
  expect(levels(before.document)).toMatchObject({ bootstrap: 'stop', model: 'fine', quota_spot: 'advice' });

  const Name = '/cdk-bootstrap/hnb659fds/version';
  await new SSMClient(settings).send(new PutParameterCommand({ Name, Value: '28', Type: 'String' }));
  const after = await run('deploy', '--check');
  expect(after.status).toBe(0);
  expect(levels(after.document).bootstrap).toBe('fine');
  // It reads the whole embedded model twice, and moto’s refusals of quotas are tried again.
}, 60_000);

it('a stage that keeps its data leaves bucket and table, and nothing else', async () => {
  const library = await createStack('Retain', 'log-of-one');
  const { status, document } = await run('destroy', '--yes');
  expect(status).toBe(0);
  expect(DestroyDocument.parse(document)).toMatchObject({ removed: 2, left: [] });
  expect(document.stays).toHaveLength(3);
  expect(await account.countVersions(library)).toBe(3);
  expect(await account.findStack('troupe-trial')).toBeUndefined();
});

it('its data goes with it when that was asked for', async () => {
  const library = await createStack('Retain', 'log-of-two');
  const { status, document } = await run('destroy', '--yes', '--with-data');
  expect({ status, left: document.left, removed: document.removed }).toEqual({ status: 0, left: [], removed: 4 });
  const bucket = { logicalId: 'Library', type: 'AWS::S3::Bucket', name: library, status: '' };
  expect(await account.exists(bucket)).toBe(false);
});

it('a log group that came back is found', async () => {
  await createStack('Delete', 'log-of-three');
  const asBefore = deploys.onCdk;
  deploys.onCdk = async (words) => {
    const status = await asBefore(words);
    await logs.send(new CreateLogGroupCommand({ logGroupName: 'log-of-three' }));
    return status;
  };
  const refused = await run('destroy', '--yes');
  expect(refused.document.code).toBe('data_in_the_way');
  const { status, document } = await run('destroy', '--yes', '--with-data');
  expect(status).toBe(2);
  deploys.onCdk = asBefore;
  expect(document.left).toEqual([
    { what: 'AWS::Logs::LogGroup', name: 'log-of-three', because: 'its service still has it' },
  ]);
});

it('a model is uploaded once, file by file, and found by the preflight', async () => {
  const library = await createStack('Delete', 'log-of-four');
  const models = mkdtempSync(join(tmpdir(), 'troupe-'));
  const own = createFakeDeploys(account, models, { baseModel: 'one' });
  const folder = writeModelFolder('sdxl');
  const words = ['model', 'add', folder, '--name', 'one', '--licence', 'CreativeML-OpenRAIL++-M', '--json'];
  const add = async () => ModelDocument.parse(JSON.parse((await type(words, { deploys: own })).answer));
  const first = await add();
  expect(first).toMatchObject({ family: 'sdxl', library });
  const versions = await account.countVersions(library);
  expect(await add()).toMatchObject({ lock: 'unchanged', uploaded: 0 });
  expect(await account.countVersions(library)).toBe(versions);
  const check = async () => {
    const { answer } = await type(['deploy', '--check', '--json'], { deploys: own });
    return DeployDocument.parse(JSON.parse(answer)).findings.find(({ code }) => code === 'model');
  };
  expect((await check())?.level).toBe('fine');
  const [file] = JSON.parse(readFileSync(join(models, 'models.lock.json'), 'utf8')).models.one.files;
  await s3.send(new DeleteObjectCommand({ Bucket: library, Key: libraryKeys.modelFile(file.sha256) }));
  expect(await check()).toMatchObject({ level: 'stop', sentence: expect.stringContaining(file.file) });
  expect((await add()).uploaded).toBeGreaterThanOrEqual(1);
  expect((await run('destroy', '--yes', '--with-data')).status).toBe(0);
});

it('a large file is uploaded in parts, and never over another', async () => {
  const library = await createStack('Delete', 'log-of-five');
  const folder = mkdtempSync(join(tmpdir(), 'troupe-'));
  const path = join(folder, 'weights');
  writeFileSync(path, Buffer.alloc(20 * 1024 * 1024, 'w'));
  const key = libraryKeys.modelFile('a'.repeat(64));
  let seen = 0;
  await account.uploadFile(library, key, path, (bytes) => {
    seen = bytes;
  });
  expect(await account.objectBytes(library, key)).toBe(20 * 1024 * 1024);
  expect(seen).toBe(20 * 1024 * 1024);
  const versions = await account.countVersions(library);
  writeFileSync(path, 'other');
  await account.uploadFile(library, key, path, () => {});
  expect(await account.countVersions(library)).toBe(versions);
});
