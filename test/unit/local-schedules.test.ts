import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { SchedulePlan } from '../../lib/local/blueprint.ts';
import { FaultInjector } from '../../lib/local/faults/injector.ts';
import { NO_FAULTS } from '../../lib/local/faults/plan.ts';
import { SchedulerApi } from '../../lib/local/schedules/api.ts';
import { ScheduleClock } from '../../lib/local/schedules/clock.ts';
import { nextTick, parseExpression } from '../../lib/local/schedules/expression.ts';
import { Trace } from '../../lib/local/trace.ts';

const next = (expression: string, timezone: string, after: string): string | undefined => {
  const from = new Date(after);
  return nextTick(parseExpression(expression), timezone, from, from)?.toISOString();
};

describe('the next tick', () => {
  test.each([
    ['at(2026-12-01T09:00:00)', 'America/New_York', '2026-11-01T00:00:00Z', '2026-12-01T14:00:00.000Z'],
    ['at(2026-12-01T09:00:00)', 'Asia/Tokyo', '2026-11-01T00:00:00Z', '2026-12-01T00:00:00.000Z'],
    ['at(2026-12-01T09:00:00)', 'UTC', '2026-12-01T09:00:00Z', undefined],
    ['rate(15 minutes)', 'UTC', '2026-01-01T00:07:00Z', '2026-01-01T00:22:00.000Z'],
    ['cron(0/15 * * * ? *)', 'UTC', '2026-01-01T00:07:00Z', '2026-01-01T00:15:00.000Z'],
    ['cron(30 8 ? * MON-FRI *)', 'Europe/Berlin', '2026-07-04T00:00:00Z', '2026-07-06T06:30:00.000Z'],
    ['cron(0 12 L * ? *)', 'UTC', '2028-02-10T00:00:00Z', '2028-02-29T12:00:00.000Z'],
    ['cron(0 0 1 JAN ? 2030)', 'UTC', '2026-01-01T00:00:00Z', '2030-01-01T00:00:00.000Z'],
    ['cron(0 0 1 JAN ? 2020)', 'UTC', '2026-01-01T00:00:00Z', undefined],
    // The clocks of New York skip 02:30 on 8 March 2026 and show 01:30 twice on 1 November.
    ['cron(30 2 * * ? *)', 'America/New_York', '2026-03-08T05:00:00Z', '2026-03-09T06:30:00.000Z'],
    ['cron(30 1 * * ? *)', 'America/New_York', '2026-11-01T04:00:00Z', '2026-11-01T05:30:00.000Z'],
    ['cron(30 1 * * ? *)', 'America/New_York', '2026-11-01T05:30:00Z', '2026-11-02T06:30:00.000Z'],
  ])('of %s in %s after %s', (expression, timezone, after, expected) => {
    expect(next(expression, timezone, after)).toBe(expected);
  });

  test.each([
    'every day',
    'rate(0 minutes)',
    'rate(5 fortnights)',
    'cron(0 12 * * ?)',
    'cron(61 * * * ? *)',
    'at(tomorrow)',
  ])('%s is refused', (expression) => {
    expect(() => parseExpression(expression)).toThrow(/cannot|can be followed/);
  });
});

/** A clock that a test moves, and what its schedules send. */
function startClock(begin: string, schedules: SchedulePlan[] = []) {
  const folder = mkdtempSync(join(tmpdir(), 'clock-'));
  const trace = new Trace(join(folder, 'trace.jsonl'));
  let now = new Date(begin);
  const delivered: string[] = [];
  const deliver = async (_name: string, _target: unknown, input: string) => void delivered.push(input);
  const places = { account: '1', region: 'r', now: () => now };
  const faults = new FaultInjector(NO_FAULTS, trace);
  const clock = new ScheduleClock({ trace, faults, ...places, deliver }, schedules, []);
  const api = new SchedulerApi(clock, { ...places, groups: ['orchard'] }, schedules);
  const moveTo = async (...times: string[]) => {
    for (const time of times) {
      now = new Date(time);
      await clock.look();
    }
  };
  return { api, delivered, moveTo, [Symbol.dispose]: () => rmSync(folder, { recursive: true }) };
}

test('a schedule that comes late fires once, with the time that it was for', async () => {
  const schedule: SchedulePlan = {
    name: 'harvest',
    arn: 'arn:harvest',
    expression: 'rate(1 hour)',
    timezone: 'UTC',
    startDate: undefined,
    endDate: new Date('2026-01-01T06:00:00Z'),
    target: {
      id: 't',
      arn: 'arn:queue',
      input: '{"at":"<aws.scheduler.scheduled-time>"}',
      inputPath: undefined,
      transformer: undefined,
      messageGroupId: undefined,
      deadLetterArn: undefined,
    },
  };
  using world = startClock('2026-01-01T00:00:00Z', [schedule]);
  await world.moveTo(...['00:30', '03:20', '03:40', '04:00', '09:00'].map((time) => `2026-01-01T${time}:00Z`));
  expect(world.delivered).toEqual([
    '{"at":"2026-01-01T01:00:00Z"}',
    '{"at":"2026-01-01T04:00:00Z"}',
    '{"at":"2026-01-01T05:00:00Z"}',
  ]);
});

describe('schedules made while the cloud runs', () => {
  const asked = (changes: object = {}) => ({
    GroupName: 'orchard',
    ScheduleExpression: 'cron(30 2 * * ? *)',
    ScheduleExpressionTimezone: 'Europe/Berlin',
    FlexibleTimeWindow: { Mode: 'OFF' },
    ActionAfterCompletion: 'DELETE',
    Target: { Arn: 'arn:queue', RoleArn: 'arn:role', Input: '"<aws.scheduler.scheduled-time>"' },
    ...changes,
  });
  const seconds = (time: string) => Date.parse(time) / 1_000;

  test('follow the zone over both changes of its clock', async () => {
    // Berlin skips 02:30 on 29 March 2026 and shows it twice on 25 October.
    using world = startClock('2026-03-27T12:00:00Z');
    world.api.call('POST', 'pick', undefined, asked());
    await world.moveTo('2026-03-28T12:00:00Z', '2026-03-29T12:00:00Z', '2026-03-30T12:00:00Z');
    expect(world.delivered).toEqual(['"2026-03-28T01:30:00Z"', '"2026-03-30T00:30:00Z"']);
    await world.moveTo('2026-10-24T12:00:00Z');
    world.delivered.length = 0;
    await world.moveTo('2026-10-25T00:30:00Z', '2026-10-25T01:30:00Z', '2026-10-25T12:00:00Z', '2026-10-26T12:00:00Z');
    expect(world.delivered).toEqual(['"2026-10-25T00:30:00Z"', '"2026-10-26T01:30:00Z"']);
  });

  test('keep to their beginning and end, then are gone', async () => {
    using world = startClock('2026-01-01T00:00:00Z');
    const span = { StartDate: seconds('2026-01-02T00:00:00Z'), EndDate: seconds('2026-01-02T12:00:00Z') };
    world.api.call('POST', 'pick', undefined, asked({ ...span, ScheduleExpression: 'rate(5 hours)' }));
    await world.moveTo('2026-01-01T23:00:00Z', '2026-01-02T05:00:00Z', '2026-01-02T10:00:00Z', '2026-01-02T15:00:00Z');
    expect(world.delivered).toEqual(['"2026-01-02T05:00:00Z"', '"2026-01-02T10:00:00Z"']);
    expect(() => world.api.call('GET', 'pick', 'orchard', {})).toThrow(/does not exist/);
  });

  test('that fire once fire once, and can be made again', async () => {
    using world = startClock('2026-01-01T00:00:00Z');
    const once = asked({ ScheduleExpression: 'at(2026-01-01T06:00:00)', ClientToken: 'a' });
    world.api.call('POST', 'pick', undefined, once);
    expect(world.api.call('POST', 'pick', undefined, once)).toHaveProperty('ScheduleArn');
    await world.moveTo('2026-01-01T05:30:00Z', '2026-01-02T00:00:00Z');
    expect(world.delivered).toEqual(['"2026-01-01T05:00:00Z"']);
    expect(() => world.api.call('PUT', 'pick', undefined, once)).toThrow(/does not exist/);
  });

  test('are changed, switched off and deleted', async () => {
    using world = startClock('2026-01-01T00:00:00Z');
    world.api.call('POST', 'pick', undefined, asked({ ScheduleExpression: 'rate(1 hour)' }));
    world.api.call('PUT', 'pick', undefined, asked({ ScheduleExpression: 'rate(2 hours)' }));
    expect(world.api.call('GET', 'pick', 'orchard', {})).toMatchObject({ ScheduleExpression: 'rate(2 hours)' });
    await world.moveTo('2026-01-01T01:00:00Z', '2026-01-01T02:00:00Z');
    expect(world.delivered).toHaveLength(1);
    world.api.call('PUT', 'pick', undefined, asked({ State: 'DISABLED' }));
    world.api.call('POST', 'pack', undefined, asked({ ScheduleExpression: 'rate(1 hour)' }));
    world.api.call('DELETE', 'pack', 'orchard', {});
    await world.moveTo('2026-01-09T00:00:00Z');
    expect(world.delivered).toHaveLength(1);
  });

  test.each([
    ['ConflictException', 'POST', 'taken', {}],
    ['ResourceNotFoundException', 'PUT', 'nobody', {}],
    ['ResourceNotFoundException', 'POST', 'pick', { GroupName: 'cellar' }],
    ['ValidationException', 'POST', 'pick', { ScheduleExpression: 'cron(99 * * * ? *)' }],
    ['ValidationException', 'POST', 'pick', { ScheduleExpressionTimezone: 'Middle/Earth' }],
    ['ValidationException', 'POST', 'pick', { StartDate: seconds('2025-12-31T23:00:00Z') }],
    ['ValidationException', 'POST', 'pick', { EndDate: seconds('2025-12-31T23:00:00Z') }],
    ['ValidationException', 'POST', 'pick', { FlexibleTimeWindow: { Mode: 'FLEXIBLE' } }],
    ['ValidationException', 'POST', 'pick', { Target: { Arn: 'arn:queue' } }],
  ])('%s for %s of %s with %j', (name, method, schedule, changes) => {
    using world = startClock('2026-01-01T00:00:00Z');
    world.api.call('POST', 'taken', undefined, asked({ ClientToken: 'first' }));
    expect(() => world.api.call(method, schedule, undefined, asked(changes))).toThrow(
      expect.objectContaining({ name }),
    );
  });
});
