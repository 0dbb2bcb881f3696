import { BatchClient, DescribeJobsCommand } from '@aws-sdk/client-batch';
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { GetObjectCommand, NoSuchKey, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { DynamoDBDocumentClient, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { findCloud } from '../../../lib/cli/find-cloud.ts';
import { createLiveCloud } from '../../../lib/cli/live-cloud.ts';
import { addressOf } from '../../../lib/cli/local-control.ts';
import { subjectRow } from './fakes.ts';

const s3 = mockClient(S3Client);
const table = mockClient(DynamoDBDocumentClient);
let stacks = mockClient(CloudFormationClient);
const batch = mockClient(BatchClient);
beforeEach(() => [s3, table, stacks, batch].forEach((mock) => void mock.reset()));

const outputs = { intakeBucket: 'intake', libraryBucket: 'library', stateTable: 'state' };
const cloud = createLiveCloud({ where: 'a test', outputs, clientSettings: { region: 'eu-central-1' } });
const stored = (subject: string) => ({
  ...subjectRow({ subject }),
  pk: `subject#${subject}`,
  sk: 'subject',
  list: 'subject',
  sk2: subject,
});
const local = {
  up: () => expect.fail(),
  down: () => expect.fail(),
  status: () => expect.fail(),
  address: async () => undefined,
};

describe('a cloud', () => {
  it('reads every page of a list, and rows without the table’s own keys', async () => {
    table
      .on(QueryCommand)
      .resolvesOnce({ Items: [stored('mina')], LastEvaluatedKey: { pk: 'x' } })
      .resolvesOnce({ Items: [stored('rusty')] });
    expect(await cloud.listRows('subject')).toEqual([subjectRow(), subjectRow({ subject: 'rusty' })]);
    expect(table.commandCalls(QueryCommand)[0]?.args[0].input).toMatchObject({
      TableName: 'state',
      IndexName: 'byList',
    });
  });

  it('refuses a row that breaks its contract', async () => {
    table.on(QueryCommand).resolves({ Items: [{ ...stored('mina'), state: 'asleep' }] });
    await expect(cloud.readPartition('subject#mina')).rejects.toThrow(/state/);
  });

  it('has no library object where there is none, and passes other errors on', async () => {
    s3.on(GetObjectCommand)
      .rejectsOnce(new NoSuchKey({ $metadata: {}, message: 'gone' }))
      .rejects(new Error('slow down'));
    expect(await cloud.readLibrary('a')).toBeUndefined();
    await expect(cloud.readLibrary('a')).rejects.toThrow('slow down');
  });

  it('asks Batch for a hundred jobs at a time, and leaves out those that it has forgotten', async () => {
    batch.on(DescribeJobsCommand).callsFake(({ jobs }: { jobs: string[] }) => ({
      jobs: jobs.filter((id) => id !== 'b0').map((jobId) => ({ jobId, status: 'RUNNABLE', statusReason: 'full' })),
    }));
    const seen = await cloud.describeJobs(Array.from({ length: 150 }, (_, index) => `b${index}`));
    expect(batch.commandCalls(DescribeJobsCommand)).toHaveLength(2);
    expect(seen.size).toBe(149);
    expect(seen.get('b149')).toMatchObject({ status: 'RUNNABLE', statusReason: 'full' });
  });

  it('uploads to the intake with a type', async () => {
    s3.on(PutObjectCommand).resolves({});
    await cloud.upload('campaigns/x.yaml', Buffer.from('x'), 'application/yaml');
    expect(s3.commandCalls(PutObjectCommand)[0]?.args[0].input).toMatchObject({
      Bucket: 'intake',
      ContentType: 'application/yaml',
    });
  });
});

describe('which cloud', () => {
  const stack = (names: Record<string, string>) => ({
    Stacks: [
      {
        StackName: 's',
        CreationTime: new Date(),
        StackStatus: 'CREATE_COMPLETE' as const,
        Outputs: Object.entries(names).map(([OutputKey, OutputValue]) => ({ OutputKey, OutputValue })),
      },
    ],
  });
  const named = { IntakeBucket: 'intake', LibraryBucket: 'library', StateTable: 'state' };

  it('is the deployed one as soon as an account is named', async () => {
    stacks.on(DescribeStacksCommand).resolves(stack({ ...named, Other: 'x' }));
    const address = await findCloud({ region: 'eu-central-1' }, local);
    expect(address).toEqual({
      where: 'stack troupe-trial in eu-central-1',
      outputs,
      clientSettings: { region: 'eu-central-1' },
    });
    await findCloud({ region: 'eu-central-1', stack: 'mine' }, local);
    expect(stacks.commandCalls(DescribeStacksCommand)[1]?.args[0].input).toEqual(
      expect.objectContaining({ StackName: 'mine' }),
    );
  });

  it.each([
    ['stack_missing', Object.assign(new Error('does not exist'), { name: 'ValidationError' })],
    ['no_credentials', Object.assign(new Error('no profile'), { name: 'CredentialsProviderError' })],
    ...[
      'TokenProviderError',
      'ExpiredToken',
      'ExpiredTokenException',
      'InvalidClientTokenId',
      'UnrecognizedClientException',
      'SignatureDoesNotMatch',
    ].map((name): [string, Error] => ['no_credentials', Object.assign(new Error('no'), { name })]),
  ])('is a known error when it cannot be found: %s', async (code, error) => {
    stacks.on(DescribeStacksCommand).rejects(error);
    await expect(findCloud({ region: 'eu-central-1' }, local)).rejects.toMatchObject({ name: 'KnownError', code });
  });

  it('says what to do when it is named without a region', async () => {
    for (const name of ['AWS_REGION', 'AWS_DEFAULT_REGION']) vi.stubEnv(name, undefined);
    for (const name of ['AWS_CONFIG_FILE', 'AWS_SHARED_CREDENTIALS_FILE']) vi.stubEnv(name, '/nowhere');
    stacks.restore(); // the real client looks for a region before it sends anything
    const found = findCloud({ stack: 'mine' }, local);
    await expect(found).rejects.toMatchObject({
      code: 'no_credentials',
      message: 'No region is set. Name one with --region, or set AWS_REGION.',
    });
    vi.unstubAllEnvs();
    stacks = mockClient(CloudFormationClient);
  });

  it('must be a Troupe stack', async () => {
    stacks.on(DescribeStacksCommand).resolves(stack({ IntakeBucket: 'intake' }));
    await expect(findCloud({ region: 'eu-central-1' }, local)).rejects.toThrow('LibraryBucket, StateTable');
  });

  it('is the local one when none is named, and none when that is down', async () => {
    await expect(findCloud({}, local)).rejects.toMatchObject({ code: 'no_cloud' });
    const address = addressOf({
      outputs: { 'troupe-trial': named },
      endpoints: { aws: 'http://127.0.0.1:5000', batch: 'http://127.0.0.1:5001', scheduler: 'http://127.0.0.1:3' },
      env: { AWS_REGION: 'eu-west-1', AWS_ACCESS_KEY_ID: 'LOCAL', AWS_SECRET_ACCESS_KEY: 'secret' },
    });
    expect(await findCloud({}, { ...local, address: async () => address })).toEqual({
      where: 'the local cloud',
      outputs,
      batchEndpoint: 'http://127.0.0.1:5001',
      clientSettings: {
        region: 'eu-west-1',
        endpoint: 'http://127.0.0.1:5000',
        credentials: { accessKeyId: 'LOCAL', secretAccessKey: 'secret' },
      },
    });
  });
});
