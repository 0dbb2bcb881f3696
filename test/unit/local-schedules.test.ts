import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { SchedulePlan } from '../../lib/local/blueprint.ts';
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

test('a schedule that comes late fires once, with the time that it was for', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'clock-'));
  let now = new Date('2026-01-01T00:00:00Z');
  const delivered: string[] = [];
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
  const clock = new ScheduleClock(
    {
      trace: new Trace(join(folder, 'trace.jsonl')),
      account: '1',
      region: 'r',
      now: () => now,
      deliver: async (_name, _target, input) => {
        delivered.push(input);
      },
    },
    [schedule],
    [],
  );
  for (const time of ['00:30', '03:20', '03:40', '04:00', '09:00']) {
    now = new Date(`2026-01-01T${time}:00Z`);
    await clock.look();
  }
  expect(delivered).toEqual([
    '{"at":"2026-01-01T01:00:00Z"}',
    '{"at":"2026-01-01T04:00:00Z"}',
    '{"at":"2026-01-01T05:00:00Z"}',
  ]);
  rmSync(folder, { recursive: true });
});
