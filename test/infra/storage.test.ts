import { describe, expect, it } from 'vitest';
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

  it('refuse plain text', () => {
    const policies = ofType(resources, 'AWS::S3::BucketPolicy').map(({ properties }) => properties);
    expect(policies.map((policy) => policy.Bucket.Ref).sort()).toEqual(buckets.map(({ id }) => id).sort());
    for (const policy of policies) {
      expect(policy.PolicyDocument.Statement).toContainEqual(
        expect.objectContaining({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
      );
    }
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
