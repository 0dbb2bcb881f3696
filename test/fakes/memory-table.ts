import { type Item, RevisionConflictError, type Table } from '../../functions/_shared/state.ts';
import type { RowKey } from '../../lib/contracts/index.ts';

/** What DynamoDB takes of each key, in bytes. */
const LONGEST = { pk: 2_048, sk: 1_024, list: 2_048, sk2: 1_024 } as const;

/** A table in memory. Items are copied on their way in and out, as a network would, and keys are no longer than DynamoDB’s. */
export function createMemoryTable(): Table & { items: Map<string, Item> } {
  const items = new Map<string, Item>();
  const nameOf = ({ pk, sk }: RowKey) => `${pk} ${sk}`;
  const matching = (test: (item: Item) => boolean) =>
    [...items.values()]
      .filter(test)
      .sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1))
      .map((item) => structuredClone(item));
  return {
    items,
    get: async (key) => structuredClone(items.get(nameOf(key))),
    async put(item, expected) {
      for (const [name, most] of Object.entries(LONGEST) as [keyof typeof LONGEST, number][]) {
        if (Buffer.byteLength(item[name]) > most)
          throw new Error(`ValidationException: ${name} has more than ${most} bytes`);
      }
      if (items.get(nameOf(item))?.revision !== expected) throw new RevisionConflictError(item);
      items.set(nameOf(item), JSON.parse(JSON.stringify(item)));
    },
    under: async (partition, prefix) => matching(({ pk, sk }) => pk === partition && sk.startsWith(prefix)),
    list: async (name, prefix = '') => matching(({ list, sk2 }) => list === name && sk2.startsWith(prefix)),
  };
}
