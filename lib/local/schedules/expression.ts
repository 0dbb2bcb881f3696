import { LocalCloudError } from '../errors.ts';
import { type CronFields, nextCron, parseCron } from './cron.ts';
import { utcOf } from './zone.ts';

/** A schedule expression that has been read. */
export type Expression =
  | { kind: 'at'; local: string }
  | { kind: 'rate'; everyMs: number }
  | { kind: 'cron'; fields: CronFields };

const UNIT_MS: Record<string, number> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

/** Read `at(yyyy-mm-ddThh:mm:ss)`, `rate(n unit)` or `cron(minutes hours day-of-month month day-of-week year)`. */
export function parseExpression(text: string): Expression {
  const [, kind, argument = ''] = /^(at|rate|cron)\((.+)\)$/.exec(text.trim()) ?? [];
  if (kind === 'at' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/.test(argument)) return { kind, local: argument };
  if (kind === 'rate') {
    const [, count, unit = ''] = /^(\d+) (minute|hour|day)s?$/.exec(argument) ?? [];
    if (count !== undefined && Number(count) > 0) return { kind, everyMs: Number(count) * (UNIT_MS[unit] ?? 0) };
  }
  if (kind === 'cron') return { kind, fields: parseCron(argument) };
  throw new LocalCloudError('wiring-unsupported', `the schedule expression ${text} is not one that can be followed`);
}

/**
 * The first tick after `after`, or undefined when there is none. `anchor` is when the schedule came into being: rates
 * count from there.
 */
export function nextTick(expression: Expression, timezone: string, after: Date, anchor: Date): Date | undefined {
  switch (expression.kind) {
    case 'at': {
      const tick = utcOf(expression.local, timezone);
      return tick !== undefined && tick > after ? tick : undefined;
    }
    case 'rate': {
      const periods = Math.floor((after.getTime() - anchor.getTime()) / expression.everyMs) + 1;
      return new Date(anchor.getTime() + Math.max(periods, 0) * expression.everyMs);
    }
    case 'cron':
      return nextCron(expression.fields, timezone, after);
  }
}
