import { LocalCloudError } from '../errors.ts';
import { localOf, utcOf } from './zone.ts';

const DAY_MS = 86_400_000;
const FURTHEST_DAYS = 366 * 8;
const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const WEEKDAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];

/** The six fields of an AWS cron expression as sets of allowed values. */
export interface CronFields {
  minutes: Set<number>;
  hours: Set<number>;
  /** Days of the month; 'last' is the month's last day. */
  days: Set<number | 'last'>;
  months: Set<number>;
  /** 1 is Sunday. */
  weekdays: Set<number>;
  years: Set<number>;
}

/** Read `minutes hours day-of-month month day-of-week year`. */
export function parseCron(text: string): CronFields {
  const [minutes, hours, days, months, weekdays, years, ...more] = text.trim().split(/\s+/);
  if (years === undefined || more.length > 0) throw unreadable(text);
  const field = (source: string | undefined, least: number, most: number, names: string[] = [], first = 0) =>
    valuesOf(source ?? '*', { least, most, names, first }, text);
  return {
    minutes: field(minutes, 0, 59),
    hours: field(hours, 0, 23),
    days: days === 'L' ? new Set(['last']) : field(days, 1, 31),
    months: field(months, 1, 12, MONTHS, 1),
    weekdays: field(weekdays, 1, 7, WEEKDAYS, 1),
    years: field(years, 1970, 2199),
  };
}

interface Range {
  least: number;
  most: number;
  names: string[];
  first: number;
}

/** Read one field: `*`, `?`, `5`, `MON-FRI`, `0/15`, `1-10/2` and lists of them. */
function valuesOf(source: string, { least, most, names, first }: Range, whole: string): Set<number> {
  const numberOf = (word: string): number => {
    const named = names.indexOf(word.toUpperCase());
    const value = named >= 0 ? named + first : Number(word);
    if (!Number.isInteger(value) || value < least || value > most) throw unreadable(whole);
    return value;
  };
  const values = new Set<number>();
  for (const part of source.split(',')) {
    const [span = '', step] = part.split('/');
    const [from = '', to] = span.split('-');
    const all = span === '*' || span === '?';
    const start = all ? least : numberOf(from);
    const end = to !== undefined ? numberOf(to) : all || step !== undefined ? most : start;
    const stride = step === undefined ? 1 : Number(step);
    if (!Number.isInteger(stride) || stride < 1) throw unreadable(whole);
    for (let value = start; value <= end; value += stride) values.add(value);
  }
  return values;
}

/** The first instant after `after` at which the zone's wall clock fits; a time that a clock change skips does not fit. */
export function nextCron(fields: CronFields, timezone: string, after: Date): Date | undefined {
  const firstDay = Date.parse(`${localOf(after, timezone).slice(0, 10)}T00:00:00Z`);
  const hours = [...fields.hours].sort((left, right) => left - right);
  const minutes = [...fields.minutes].sort((left, right) => left - right);
  for (let count = 0; count < FURTHEST_DAYS; count += 1) {
    const day = new Date(firstDay + count * DAY_MS);
    if (!fits(fields, day)) continue;
    for (const hour of hours) {
      for (const minute of minutes) {
        const clock = `${pad(hour)}:${pad(minute)}:00`;
        const tick = utcOf(`${day.toISOString().slice(0, 10)}T${clock}`, timezone);
        if (tick !== undefined && tick > after) return tick;
      }
    }
  }
  return undefined;
}

function fits(fields: CronFields, day: Date): boolean {
  const lastDay = new Date(Date.UTC(day.getUTCFullYear(), day.getUTCMonth() + 1, 0)).getUTCDate();
  const date = day.getUTCDate();
  return (
    fields.years.has(day.getUTCFullYear()) &&
    fields.months.has(day.getUTCMonth() + 1) &&
    (fields.days.has(date) || (fields.days.has('last') && date === lastDay)) &&
    fields.weekdays.has(day.getUTCDay() + 1)
  );
}

function pad(value: number): string {
  return String(value).padStart(2, '0');
}

function unreadable(text: string): LocalCloudError {
  return new LocalCloudError('wiring-unsupported', `the cron expression "${text}" is not one that can be followed`);
}
