import { ObjectTooLargeError } from '../../functions/_shared/errors.ts';
import type { Objects } from '../../functions/_shared/ports.ts';

/** A bucket in memory. `put` is what somebody outside does: it overwrites. */
export function createMemoryObjects(): Objects & {
  objects: Map<string, Uint8Array>;
  put(key: string, content: Uint8Array | string): void;
} {
  const objects = new Map<string, Uint8Array>();
  return {
    objects,
    put: (key, content) =>
      void objects.set(key, Uint8Array.from(typeof content === 'string' ? Buffer.from(content) : content)),
    async read(key, limitBytes) {
      const bytes = objects.get(key);
      if (bytes && bytes.length > limitBytes) throw new ObjectTooLargeError(key, bytes.length, limitBytes);
      return bytes && Uint8Array.from(bytes);
    },
    async create(key, bytes) {
      if (objects.has(key)) return 'exists';
      objects.set(key, Uint8Array.from(bytes));
      return 'created';
    },
  };
}
