import type { Leftover } from '../../contracts/index.ts';
import type { Account, ResourceSeen } from './account.ts';

const BUCKET = 'AWS::S3::Bucket';
const TABLE = 'AWS::DynamoDB::Table';

/** What holds data, and what becomes of it when the stack goes. */
export interface Store extends ResourceSeen {
  kept: boolean;
  /** Objects with all their versions; undefined for a table, which is not counted. */
  holds: number | undefined;
}

const WORDS: Record<string, string> = { [BUCKET]: 'bucket', [TABLE]: 'table' };
export const wordFor = (type: string): string => WORDS[type] ?? type;

/** The buckets and tables of a stack that are there, with what is in them. */
export async function findStores(account: Account, stack: string): Promise<Store[]> {
  const [resources, retained] = await Promise.all([account.listResources(stack), account.retainedBy(stack)]);
  const stores: Store[] = [];
  for (const resource of resources) {
    if (resource.type !== BUCKET && resource.type !== TABLE) continue;
    if (resource.name === '' || !(await account.exists(resource))) continue;
    const holds = resource.type === BUCKET ? await account.countVersions(resource.name) : undefined;
    stores.push({ ...resource, kept: retained.has(resource.logicalId), holds });
  }
  return stores;
}

/** Buckets that CloudFormation would try to delete, and cannot, because something is in them. */
export const inTheWay = (stores: readonly Store[]): Store[] =>
  stores.filter(({ kept, holds }) => !kept && holds !== undefined && holds > 0);

/** What stays of every Troupe, whatever is asked: it belongs to the account, and other apps may use it. */
export const ALWAYS_STAYS: readonly Leftover[] = [
  {
    what: 'images and code',
    name: 'CDKToolkit',
    because:
      'CDK keeps what it uploaded in its bootstrap stack, which is the account’s; `npx cdk gc --unstable=gc` clears it',
  },
];

/**
 * Ask, one by one, whether what the stack had is gone: the services for what they hold, CloudFormation for all the rest.
 * `before` is what there was; `stays` are the names that were meant to stay.
 */
export async function findLeft(
  account: Account,
  stackId: string,
  before: readonly ResourceSeen[],
  stays: ReadonlySet<string>,
): Promise<Leftover[]> {
  const after = new Map((await account.listResources(stackId)).map((each) => [each.logicalId, each.status]));
  const left: Leftover[] = [];
  for (const resource of before) {
    if (resource.name === '' || stays.has(resource.name)) continue;
    const there = await account.exists(resource);
    const status = after.get(resource.logicalId);
    const gone = there === undefined ? status === undefined || status === 'DELETE_COMPLETE' : !there;
    if (gone) continue;
    left.push({
      what: wordFor(resource.type),
      name: resource.name,
      because: there ? 'its service still has it' : `CloudFormation says ${status}`,
    });
  }
  return left;
}
