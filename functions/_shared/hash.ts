import { createHash } from 'node:crypto';
import type { CellId, JobId, Sha256 } from '../../lib/contracts/index.ts';

/** JSON with sorted keys, no spaces, and nothing that is undefined: equal values have equal text. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    part !== null && typeof part === 'object' && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}

export const sha256 = (bytes: Uint8Array | string): Sha256 => createHash('sha256').update(bytes).digest('hex');

/** Digest of a value’s canonical JSON. */
export const digestOf = (value: unknown): Sha256 => sha256(canonicalJson(value));

/** The job that does this: the same request is the same job. */
export const jobIdOf = (request: unknown): JobId => `job_${digestOf(request).slice(0, 24)}`;

/** The cell that these decide. */
export const cellIdOf = (deciders: unknown): CellId => `cell_${digestOf(deciders).slice(0, 24)}`;
