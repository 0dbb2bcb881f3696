const HOUR_MS = 3_600_000;

const formats = new Map<string, Intl.DateTimeFormat>();

/** The wall clock of a time zone at an instant, as `yyyy-mm-ddThh:mm:ss`. */
export function localOf(instant: Date, timezone: string): string {
  let format = formats.get(timezone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('sv-SE', {
      timeZone: timezone,
      dateStyle: 'short',
      timeStyle: 'medium',
      hourCycle: 'h23',
    });
    formats.set(timezone, format);
  }
  return format.format(instant).replace(' ', 'T');
}

/**
 * The instant at which the wall clock of `timezone` shows `local`: the first of two when a clock goes back, none when
 * it skips that time.
 */
export function utcOf(local: string, timezone: string): Date | undefined {
  const asIfUtc = Date.parse(`${local}Z`);
  // Every zone is within 14 hours of UTC, in steps of a quarter; try the offsets that hold on either side.
  const offsets = [-24, 24].map((hours) => {
    const nearby = new Date(asIfUtc + hours * HOUR_MS);
    return Date.parse(`${localOf(nearby, timezone)}Z`) - nearby.getTime();
  });
  const instants = offsets
    .map((offset) => new Date(asIfUtc - offset))
    .filter((instant) => localOf(instant, timezone) === local)
    .sort((left, right) => left.getTime() - right.getTime());
  return instants[0];
}
