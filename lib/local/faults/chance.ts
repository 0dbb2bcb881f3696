import { createHash } from 'node:crypto';

/** A number in [0, 1) that follows from a seed and from what it decides about: never from when it is asked for. */
export function chance(seed: number, about: string): number {
  return createHash('sha256').update(`${seed} ${about}`).digest().readUInt32BE(0) / 2 ** 32;
}
