import type { Ports } from '../_shared/ports.ts';

export type SweepPorts = Pick<Ports, 'intake' | 'library' | 'state' | 'queues' | 'batch' | 'now' | 'log'>;

/** What happens in the normal way has happened after so long: before, looking again would only do the work twice. */
export const SETTLED_MINUTES = 10;

/** How far back an upload or a picture is looked for; what is older, ninety-six sweeps have looked at. */
export const LOOK_BACK_HOURS = 24;

/** Whether something that was last touched then should have gone on by now. */
export const isSettled = (touchedAt: Date | string, now: Date): boolean =>
  now.getTime() - new Date(touchedAt).getTime() >= SETTLED_MINUTES * 60_000;

/** The moment before which nothing is looked for. */
export const lookBackFrom = (now: Date): Date => new Date(now.getTime() - LOOK_BACK_HOURS * 3_600_000);
