import { describe, expect, it } from 'vitest';
import { libraryKeys } from '../../lib/contracts/keys.ts';
import { ofType, synthesise, theOne } from './synth.ts';

const resources = synthesise();
const kept = synthesise({ keepData: true });

describe('buckets', () => {
  const buckets = ofType(resources, 'AWS::S3::Bucket');

  it('are two: what users write, and what Troupe writes', () => {
    expect(buckets).toHaveLength(2);
  });

  it('are private, encrypted, versioned, and drop uploads that were never finished', () => {
    for (const { properties } of buckets) {
      expect(Object.values(properties.PublicAccessBlockConfiguration)).toEqual([true, true, true, true]);
      expect(properties.BucketEncryption).toBeDefined();
      expect(properties.VersioningConfiguration).toEqual({ Status: 'Enabled' });
      expect(properties.LifecycleConfiguration.Rules).toContainEqual(
        expect.objectContaining({ AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 }, Status: 'Enabled' }),
      );
    }
  });

  const policies = () => ofType(resources, 'AWS::S3::BucketPolicy').map(({ properties }) => properties);

  it('refuse plain text', () => {
    expect(
      policies()
        .map((policy) => policy.Bucket.Ref)
        .sort(),
    ).toEqual(buckets.map(({ id }) => id).sort());
    for (const policy of policies()) {
      expect(policy.PolicyDocument.Statement).toContainEqual(
        expect.objectContaining({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
      );
    }
  });

  it('refuse, in the library, what would be written over something unseen', () => {
    const named = policies().filter(({ PolicyDocument }) => JSON.stringify(PolicyDocument).includes('NoBlindWrites'));
    expect(named.map(({ Bucket }) => Bucket.Ref)).toEqual([expect.stringMatching(/^Library/)]);
    const statement = named[0].PolicyDocument.Statement.find(({ Sid }: { Sid?: string }) => Sid === 'NoBlindWrites');
    expect(statement).toMatchObject({
      Effect: 'Deny',
      Action: 's3:PutObject',
      Principal: { AWS: '*' },
      Condition: {
        // Both absent, and no part of a large upload.
        Null: { 's3:if-none-match': 'true', 's3:if-match': 'true' },
        Bool: { 's3:ObjectCreationOperation': 'true' },
      },
    });
    const patterns = statement.Resource.map((arn: { 'Fn::Join': [string, unknown[]] }) => arn['Fn::Join'][1].at(-1));
    const refused = (key: string) =>
      patterns.some((pattern: string) => new RegExp(`^${pattern.replaceAll('*', '.*')}$`).test(`/${key}`));
    const job = `job_${'a'.repeat(24)}`;
    const lasting = [
      libraryKeys.reference('mina', 'a'.repeat(64)),
      `${libraryKeys.version('mina', 1)}adapter.safetensors`,
      libraryKeys.plan('spring'),
      libraryKeys.variantSidecar('spring', 'cell_1'),
      libraryKeys.largePicture('spring', 'cell_1'),
      libraryKeys.modelFile('a'.repeat(64)),
      libraryKeys.job(job),
      ...[1, 3].flatMap((shards) =>
        ['claim', 'result'].map((file) => `${libraryKeys.jobState(job, 0, shards)}${file}.json`),
      ),
    ];
    expect(lasting.filter((key) => !refused(key))).toEqual([]);
    const passing = [1, 3].flatMap((shards) =>
      ['progress.json', 'checkpoints/parts/1.safetensors'].map(
        (file) => `${libraryKeys.jobState(job, 0, shards)}${file}`,
      ),
    );
    expect(passing.filter(refused)).toEqual([]);
  });

  it('tell EventBridge what arrives', () => {
    for (const { properties } of buckets) {
      expect(properties.NotificationConfiguration).toEqual({ EventBridgeConfiguration: { EventBridgeEnabled: true } });
    }
  });
});

describe('the state table', () => {
  const { properties } = theOne(resources, 'AWS::DynamoDB::Table');

  it('is keyed by pk and sk, and listed by kind', () => {
    const keys = (schema: { AttributeName: string }[]) => schema.map((key) => key.AttributeName);
    expect(keys(properties.KeySchema)).toEqual(['pk', 'sk']);
    expect(properties.GlobalSecondaryIndexes).toHaveLength(1);
    expect(properties.GlobalSecondaryIndexes[0].IndexName).toBe('byList');
    expect(keys(properties.GlobalSecondaryIndexes[0].KeySchema)).toEqual(['list', 'sk2']);
    expect(properties.GlobalSecondaryIndexes[0].Projection.ProjectionType).toBe('ALL');
  });

  it('costs nothing while idle and can be put back to any second', () => {
    expect(properties.BillingMode).toBe('PAY_PER_REQUEST');
    expect(properties.PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled).toBe(true);
  });
});

it.each(['AWS::S3::Bucket', 'AWS::DynamoDB::Table'])('%s outlives the stack only where the stage says so', (type) => {
  expect(ofType(resources, type).every(({ deletionPolicy }) => deletionPolicy === 'Delete')).toBe(true);
  expect(ofType(kept, type).every(({ deletionPolicy }) => deletionPolicy === 'Retain')).toBe(true);
});
