import { createHash } from 'node:crypto';
import { ObjectTooLargeError } from '../../functions/_shared/errors.ts';
import type { Objects } from '../../functions/_shared/ports.ts';

/** A bucket in memory. `put` is what somebody outside does: it overwrites. */
export function createMemoryObjects(bucket = 'bucket'): Objects & {
  objects: Map<string, Uint8Array>;
  /** When an object was last written; the dawn of time unless `put` said it. */
  writtenAt: Map<string, Date>;
  /** What objects were declared to be; nothing unless somebody did. */
  contentTypes: Map<string, string>;
  put(key: string, content: Uint8Array | string, at?: Date): void;
} {
  const objects = new Map<string, Uint8Array>();
  const writtenAt = new Map<string, Date>();
  const contentTypes = new Map<string, string>();
  const etagOf = (bytes: Uint8Array) => `"${createHash('md5').update(bytes).digest('hex')}"`;
  const read: Objects['read'] = async (key, limitBytes) => {
    const bytes = objects.get(key);
    if (bytes && bytes.length > limitBytes) throw new ObjectTooLargeError(key, bytes.length, limitBytes, etagOf(bytes));
    return bytes && Uint8Array.from(bytes);
  };
  return {
    bucket,
    objects,
    writtenAt,
    contentTypes,
    read,
    async take(key, limitBytes) {
      const bytes = await read(key, limitBytes);
      return bytes && { bytes, contentType: contentTypes.get(key), etag: etagOf(bytes) };
    },
    put(key, content, at) {
      objects.set(key, Uint8Array.from(typeof content === 'string' ? Buffer.from(content) : content));
      if (at) writtenAt.set(key, at);
    },
    async list(prefix, since) {
      return [...objects]
        .filter(([key]) => key.startsWith(prefix))
        .map(([key, bytes]) => ({ key, writtenAt: writtenAt.get(key) ?? new Date(0), etag: etagOf(bytes) }))
        .filter((object) => object.writtenAt >= since);
    },
    async create(key, bytes, contentType) {
      if (objects.has(key)) return 'exists';
      contentTypes.set(key, contentType);
      objects.set(key, Uint8Array.from(bytes));
      return 'created';
    },
  };
}
