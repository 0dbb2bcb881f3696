import type { z } from 'zod';
import type { RowKey } from '../../lib/contracts/index.ts';
import { PassingError, StoreCorruptError } from './errors.ts';
import { canonicalJson } from './hash.ts';
import type { Draft, RowContract, State } from './ports.ts';

/** A row as it is stored: with its key, and with where the index lists it. */
export type Item = RowKey & { list: string; sk2: string; revision: number } & Record<string, unknown>;

/** A table with conditional writes: DynamoDB, or a map in tests. */
export interface Table {
  get(key: RowKey): Promise<Item | undefined>;
  /** Write an item where the stored revision is `expected`, or where nothing is stored. Else throws `RevisionConflictError`. */
  put(item: Item, expected: number | undefined): Promise<void>;
  under(partition: string, sortPrefix: string): Promise<Item[]>;
  /** Items of a list whose `sk2` begins with `sortPrefix`. */
  list(name: string, sortPrefix?: string): Promise<Item[]>;
}

/** Another writer was faster. */
export class RevisionConflictError extends PassingError {
  constructor({ pk, sk }: RowKey) {
    super(`${pk} ${sk} was changed by another writer`);
    this.name = 'RevisionConflictError';
  }
}

/** Every conflict means that somebody else got on, so as many tries as writers are enough; this is far more than there are. */
const TRIES = 25;

/** Rows by contract, over any table with conditional writes. */
export function createState(table: Table, now: () => Date): State {
  const write = async <C extends RowContract>(contract: C, key: RowKey, draft: Draft<C>, before?: z.infer<C>) => {
    const revision = before ? before.revision + 1 : 0;
    const row = contract.parse({ ...draft, revision, updatedAt: now().toISOString() });
    await table.put({ ...row, ...key, list: row.row, sk2: `${standingOf(row)} ${key.pk} ${key.sk}` }, before?.revision);
    return row as z.infer<C>;
  };
  const get = async <C extends RowContract>(contract: C, key: RowKey) => {
    const item = await table.get(key);
    return item && readItem(contract, item);
  };
  return {
    get,
    async under(contract, partition) {
      const items = await table.under(partition, `${contract.shape.row.value}#`);
      return items.map((item) => readItem(contract, item));
    },
    async list(contract) {
      return (await table.list(contract.shape.row.value)).map((item) => readItem(contract, item));
    },
    async listOpen(contract) {
      return (await table.list(contract.shape.row.value, 'open ')).map((item) => readItem(contract, item));
    },
    async create(contract, key, draft) {
      try {
        await write(contract, key, draft);
        return 'created';
      } catch (error) {
        if (error instanceof RevisionConflictError) return 'exists';
        throw error;
      }
    },
    async change(contract, key, next) {
      for (let tries = 1; ; tries += 1) {
        const row = await get(contract, key);
        const draft = await next(row);
        if (!draft || (row && sameContent(row, draft))) return row;
        try {
          return await write(contract, key, draft, row);
        } catch (error) {
          if (!(error instanceof RevisionConflictError) || tries === TRIES) throw error;
        }
      }
    },
  };
}

/** States from which something must still become. A list is long after years; what is open in it never is. */
const OPEN_STATES = new Set(['waiting', 'ready', 'tuning', 'planned', 'rendering', 'intended', 'submitted']);

function standingOf(row: { row: string; state?: string; wait?: object | undefined }): 'open' | 'closed' {
  // A schedule that is kept says when it comes next; one that does not was never made.
  const unkept = row.state === 'scheduled' && row.wait === undefined;
  return unkept || OPEN_STATES.has(row.state ?? '') ? 'open' : 'closed';
}

function readItem<C extends RowContract>(contract: C, { pk, sk, list, sk2, ...row }: Item): z.infer<C> {
  const checked = contract.safeParse(row);
  if (!checked.success) {
    const where = checked.error.issues[0]?.path.join('.');
    throw new StoreCorruptError(`row ${pk} ${sk} in ${list} is not as its contract says: ${where}`, { cause: sk2 });
  }
  return checked.data as z.infer<C>;
}

const sameContent = (a: object, b: object): boolean =>
  canonicalJson({ ...a, revision: 0, updatedAt: '' }) === canonicalJson({ ...b, revision: 0, updatedAt: '' });
