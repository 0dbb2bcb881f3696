import { describe, expect, it } from 'vitest';
import { libraryKeys } from '../../lib/contracts/keys.ts';
import { matchesPattern } from '../../lib/local/events/pattern.ts';
import { follow, nameOf, ofType, synthesise } from './synth.ts';

const resources = synthesise();
const queues = ofType(resources, 'AWS::SQS::Queue');
const work = queues.filter(({ properties }) => properties.RedrivePolicy);
const DAY = 86_400;

describe('queues', () => {
  it('are seven, each with a dead-letter queue of its own', () => {
    expect(work.map(nameOf).sort()).toEqual(
      [
        'CampaignsWork',
        'JobChangesWork',
        'RenderWork',
        'SweepsWork',
        'TuningWork',
        'UploadsWork',
        'VariantsWork',
      ].sort(),
    );
    const letters = work.map(({ properties }) => follow(resources, properties.RedrivePolicy.deadLetterTargetArn));
    expect(new Set(letters.map(({ id }) => id)).size).toBe(work.length);
    expect(queues).toHaveLength(2 * work.length);
  });

  it('give up after five deliveries, and keep what failed longer than the work itself', () => {
    for (const { properties } of work) {
      const letters = follow(resources, properties.RedrivePolicy.deadLetterTargetArn).properties;
      expect(properties.RedrivePolicy.maxReceiveCount).toBe(5);
      expect(letters.MessageRetentionPeriod).toBe(14 * DAY);
      expect(letters.MessageRetentionPeriod).toBeGreaterThan(properties.MessageRetentionPeriod);
    }
  });

  it('are encrypted with a key that EventBridge may use, and closed to plain text', () => {
    const policies = ofType(resources, 'AWS::SQS::QueuePolicy').map(({ properties }) => properties);
    for (const { id, properties } of queues) {
      expect(properties).toMatchObject({ SqsManagedSseEnabled: true });
      expect(properties.KmsMasterKeyId).toBeUndefined();
      const statements = policies
        .filter((policy) => policy.Queues[0].Ref === id)
        .flatMap((policy) => policy.PolicyDocument.Statement);
      expect(statements).toContainEqual(
        expect.objectContaining({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
      );
    }
  });

  it('hide a message for six times as long as its function may work on it', () => {
    const mappings = ofType(resources, 'AWS::Lambda::EventSourceMapping').map(({ properties }) => properties);
    for (const mapping of mappings) {
      const queue = follow(resources, mapping.EventSourceArn).properties;
      const fn = follow(resources, mapping.FunctionName).properties;
      expect(queue.VisibilityTimeout).toBeGreaterThanOrEqual(6 * fn.Timeout);
    }
    expect(mappings).toHaveLength(work.length);
  });

  it('lose one message of a batch at a time, never the batch', () => {
    for (const { properties } of ofType(resources, 'AWS::Lambda::EventSourceMapping')) {
      expect(properties.FunctionResponseTypes).toEqual(['ReportBatchItemFailures']);
      expect(properties.BatchSize).toBeLessThanOrEqual(10);
      expect(properties.ScalingConfig.MaximumConcurrency).toBeGreaterThanOrEqual(2);
    }
  });
});

describe('events', () => {
  const arrows = ofType(resources, 'AWS::Events::Rule').map(({ properties }) => ({
    pattern: properties.EventPattern,
    queues: properties.Targets.map((target: { Arn: unknown }) => nameOf(follow(resources, target.Arn))),
    letters: properties.Targets.map((target: { DeadLetterConfig: { Arn: unknown } }) =>
      nameOf(follow(resources, target.DeadLetterConfig.Arn)),
    ),
  }));
  const intoQueue = (queue: string) => arrows.filter((arrow) => arrow.queues.includes(queue));

  it('land in a queue, and in its dead-letter queue when that fails', () => {
    for (const { queues, letters } of arrows) {
      expect(letters).toEqual(queues.map((queue: string) => queue.replace('Work', 'DeadLetters')));
    }
  });

  it.each([
    ['UploadsWork', 'IntakeBucket', { 'anything-but': { prefix: 'campaigns/' } }],
    ['CampaignsWork', 'IntakeBucket', { prefix: 'campaigns/' }],
    ['VariantsWork', 'LibraryBucket', { wildcard: 'campaigns/*/variants/*.png' }],
  ])('bring %s the objects of %s whose keys fit', (queue, bucket, keys) => {
    const [arrow, ...others] = intoQueue(queue);
    expect(others).toEqual([]);
    expect(arrow?.pattern).toMatchObject({ source: ['aws.s3'], 'detail-type': ['Object Created'] });
    expect(nameOf(follow(resources, arrow?.pattern.detail.bucket.name[0]))).toBe(bucket);
    expect(arrow?.pattern.detail.object.key).toEqual([keys]);
  });

  it('bring JobChanges the ends of our own jobs, and of their shards those that found no machine', () => {
    const [arrow, ...others] = intoQueue('JobChangesWork');
    expect(others).toEqual([]);
    expect(arrow?.pattern).toMatchObject({ source: ['aws.batch'], 'detail-type': ['Batch Job State Change'] });
    const { detail } = arrow?.pattern ?? {};
    expect(detail.status).toEqual(['SUCCEEDED', 'FAILED']);
    expect(follow(resources, detail.jobQueue[0]).type).toBe('AWS::Batch::JobQueue');
    expect(detail.$or).toEqual([
      { jobId: [{ 'anything-but': { wildcard: '*:*' } }] },
      { statusReason: [{ wildcard: '*CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY*' }] },
    ]);
    const comes = (jobId: string, statusReason?: string) =>
      matchesPattern({ $or: detail.$or }, { jobId, ...(statusReason && { statusReason }) });
    expect(comes('a')).toBe(true);
    expect(comes('a', 'Array Child Job failed')).toBe(true);
    expect(comes('a:7')).toBe(false);
    expect(comes('a:7', 'Essential container in task exited')).toBe(false);
    expect(comes('a:7', 'CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY - Service cannot fulfill the request')).toBe(true);
  });

  it('cannot start Troupe by what Troupe writes: only pictures of variants leave the library', () => {
    const ofLibrary = arrows.filter(({ pattern = {} }) => JSON.stringify(pattern).includes('LibraryBucket'));
    expect(ofLibrary.map(({ queues }) => queues)).toEqual([['VariantsWork']]);
    const [{ wildcard }] = ofLibrary.flatMap(({ pattern }) => pattern?.detail.object.key);
    const starts = (key: string) => new RegExp(`^${wildcard.replaceAll('.', '\\.').replaceAll('*', '.*')}$`).test(key);
    expect(starts(libraryKeys.variantPicture('spring', 'cell_1'))).toBe(true);
    expect(starts(libraryKeys.largePicture('spring', 'cell_1'))).toBe(false);
  });
});
