import type { z } from 'zod';
import { StoreCorruptError } from '../_shared/errors.ts';
import type { Objects } from '../_shared/ports.ts';

/** A stored contract, or undefined when there is none. What Troupe wrote itself must be as its contract says. */
export async function readStored<S extends z.ZodType>(
  contract: S,
  key: string,
  objects: Pick<Objects, 'read'>,
  limitBytes = 64_000_000,
): Promise<z.infer<S> | undefined> {
  const bytes = await objects.read(key, limitBytes);
  if (!bytes) return undefined;
  let stored: unknown;
  try {
    stored = JSON.parse(new TextDecoder().decode(bytes));
  } catch (cause) {
    throw new StoreCorruptError(`${key} is not JSON`, { cause });
  }
  const checked = contract.safeParse(stored);
  if (checked.success) return checked.data;
  const where = checked.error.issues[0]?.path.join('.');
  throw new StoreCorruptError(`${key} is not as its contract says, at ${where || 'its root'}`);
}
