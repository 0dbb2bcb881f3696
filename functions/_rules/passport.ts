import type { Passport } from '../../lib/contracts/index.ts';
import type { Reason } from './waits.ts';

/** Why nothing may be made of this subject now, or undefined: a passport is valid to the end of its last day, in UTC. */
export function passportWait(subject: string, { expires }: Passport, now: Date): Reason | undefined {
  if (now.toISOString().slice(0, 10) <= expires) return undefined;
  return {
    code: 'passport_expired',
    sentence: `The passport of ${subject} expired on ${expires}; upload a subject.yaml with a later date.`,
  };
}
