import { describe, expect, test } from 'vitest';
import type { TargetPlan } from '../../lib/local/blueprint.ts';
import { targetInput } from '../../lib/local/events/input.ts';
import { checkPattern, matchesPattern } from '../../lib/local/events/pattern.ts';
import { repairEvent, sequencers } from '../../lib/local/events/repair.ts';
import { failedIds, passes } from '../../lib/local/lambda/mapping.ts';

const event = {
  source: 'aws.s3',
  detail: { object: { key: 'apples/red/gala.png', size: 12 }, tags: ['a', 'b'], empty: null },
  resources: ['arn:one'],
};

describe('event patterns', () => {
  test.each([
    [{ source: ['aws.s3', 'aws.sqs'] }, true],
    [{ source: ['aws.sqs'] }, false],
    [{ detail: { object: { key: [{ prefix: 'apples/' }] } } }, true],
    [{ detail: { object: { key: [{ suffix: '.png' }] } } }, true],
    [{ detail: { object: { key: [{ suffix: '.json' }, { prefix: 'pears/' }] } } }, false],
    [{ detail: { object: { key: [{ wildcard: 'apples/*/*.png' }] } } }, true],
    [{ detail: { object: { key: [{ wildcard: '*.p?g' }] } } }, false],
    [{ detail: { object: { key: [{ 'anything-but': { prefix: 'apples/' } }] } } }, false],
    [{ detail: { object: { key: [{ 'anything-but': { wildcard: '*:*' } }] } } }, true],
    [{ detail: { object: { key: [{ 'anything-but': ['x'] }] } } }, true],
    [{ detail: { object: { key: [{ 'equals-ignore-case': 'APPLES/red/gala.PNG' }] } } }, true],
    [{ detail: { object: { key: [{ prefix: { 'equals-ignore-case': 'APPLES' } }] } } }, true],
    [{ detail: { object: { size: [{ numeric: ['>', 10, '<=', 12] }] } } }, true],
    [{ detail: { object: { size: [{ numeric: ['<', 12] }] } } }, false],
    [{ detail: { object: { colour: [{ exists: false }] } } }, true],
    [{ detail: { object: { key: [{ exists: true }] } } }, true],
    [{ detail: { tags: ['b'] } }, true],
    [{ detail: { empty: [null] } }, true],
    [{ detail: { absent: [null] } }, false],
    [{ $or: [{ source: ['x'] }, { resources: ['arn:one'] }] }, true],
  ])('%j: %s', (pattern, expected) => {
    expect(matchesPattern(pattern, event)).toBe(expected);
  });

  test('an operator that is not known is refused beforehand', () => {
    expect(() => checkPattern({ detail: { key: [{ 'anything-but': { shape: 'round' } }] } })).toThrow(/shape/);
    expect(() => checkPattern({ $or: [{ source: [{ prefix: 'a' }] }, { a: [{ b: 1 }] }] })).toThrow(/operator b/);
  });
});

describe('what a target receives', () => {
  const target: TargetPlan = {
    id: 't',
    arn: 'a',
    input: undefined,
    inputPath: undefined,
    transformer: undefined,
    messageGroupId: undefined,
    deadLetterArn: undefined,
  };

  test('the event, a part of it, or a constant', () => {
    expect(JSON.parse(targetInput(target, event))).toEqual(event);
    expect(targetInput({ ...target, inputPath: '$.detail.object.key' }, event)).toBe('"apples/red/gala.png"');
    expect(targetInput({ ...target, inputPath: '$.resources[0]' }, event)).toBe('"arn:one"');
    expect(targetInput({ ...target, input: '{"tick":1}' }, event)).toBe('{"tick":1}');
  });

  test('a template with its places filled', () => {
    const paths = { key: '$.detail.object.key', size: '$.detail.object.size' };
    const template = '{"key":"<key>","bare":<key>,"size":<size>,"text":"is <size> at <key>","e":<unknown>}';
    expect(targetInput({ ...target, transformer: { paths, template } }, event)).toBe(
      '{"key":"apples/red/gala.png","bare":"apples/red/gala.png","size":12,"text":"is 12 at apples/red/gala.png","e":<unknown>}',
    );
  });
});

test('an event from S3 gets an id and a sequencer of its own, and AWS’s spelling', () => {
  const next = sequencers(0);
  const broken = {
    source: 'aws.s3',
    id: 'same',
    detail: { object: { key: 'k', eTag: 'e', 'version-id': 'null', sequencer: '0' } },
  };
  const [first, second] = [repairEvent(broken, next), repairEvent(broken, next)];
  expect(first.id).not.toBe(second.id);
  expect(first.detail).toMatchObject({ object: { key: 'k', etag: 'e', sequencer: '0000000000000001' } });
  expect(second.detail).toMatchObject({ object: { sequencer: '0000000000000002' } });
  expect(JSON.stringify(first)).not.toMatch(/eTag|version-id/);
});

describe('an event source mapping', () => {
  test.each([
    ['nothing', null, []],
    ['no failures', { batchItemFailures: [] }, []],
    ['a null list', { batchItemFailures: null }, []],
    ['one failure', { batchItemFailures: [{ itemIdentifier: 'b' }] }, ['b']],
    ['an id of no message', { batchItemFailures: [{ itemIdentifier: 'z' }] }, ['a', 'b']],
    ['an empty id', { batchItemFailures: [{ itemIdentifier: '' }] }, ['a', 'b']],
    ['a list that is none', { batchItemFailures: 'b' }, ['a', 'b']],
    ['text', 'done', ['a', 'b']],
  ])('that is answered with %s', (_what, payload, failed) => {
    expect(failedIds(payload, ['a', 'b'])).toEqual(failed);
  });

  test('lets through what any filter wants, and of a body that is not JSON only what filters do not read', () => {
    const filters = [{ body: { kind: ['ripe'] } }, { messageAttributes: { urgent: { stringValue: ['yes'] } } }];
    const urgent = { urgent: { DataType: 'String', StringValue: 'yes' } };
    expect(passes({ Body: '{"kind":"ripe"}' }, { filters })).toBe(true);
    expect(passes({ Body: '{"kind":"raw"}' }, { filters })).toBe(false);
    expect(passes({ Body: 'no json', MessageAttributes: urgent }, { filters })).toBe(true);
    expect(passes({ Body: 'no json' }, { filters })).toBe(false);
    expect(passes({ Body: 'stop' }, { filters: [{ body: ['stop'] }] })).toBe(true);
    expect(passes({ Body: 'anything' }, { filters: [] })).toBe(true);
  });
});
