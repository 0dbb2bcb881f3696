import { DestroyDocument, type Leftover } from '../../contracts/index.ts';
import { defineCommand, type World } from '../command.ts';
import type { Account } from '../deploy/account.ts';
import { confirm, DEFAULT_STAGE, findStage } from '../deploy/place.ts';
import { ALWAYS_STAYS, findLeft, findStores, inTheWay, type Store, wordFor } from '../deploy/teardown.ts';
import { KnownError } from '../errors.ts';

/** Delete what is in buckets, showing how far it is. */
async function empty(world: World, account: Account, buckets: readonly Store[]): Promise<void> {
  const progress = world.createProgress();
  try {
    for (const { name, holds = 0 } of buckets) {
      let done = 0;
      await account.emptyBucket(name, (count) => {
        done += count;
        progress.show([{ name, words: `${done} objects deleted`, done, of: Math.max(holds, done) }]);
      });
    }
  } finally {
    progress.stop();
  }
}

const linesOf = (leftovers: readonly Leftover[]): string =>
  leftovers.map(({ what, name, because }) => `  ${what} ${name}: ${because}`).join('\n');

export const destroy = defineCommand({
  meta: {
    name: 'destroy',
    about: 'Take a deployed stage away, and look whether anything is left that was not to stay',
  },
  args: {
    stage: { type: 'text', value: 'name', about: `a stage of bin/stages.ts (default: ${DEFAULT_STAGE})` },
    withData: { type: 'flag', byDefault: false, about: 'delete pictures, subjects and rows too, for good' },
    yes: { type: 'flag', byDefault: false, about: 'ask nothing' },
  },
  document: DestroyDocument,
  async run({ stage: named, withData, yes }, world) {
    const { stage, stack } = findStage(world, named);
    const account = await world.deploys.account();
    const place = await account.identity();
    const seen = await account.findStack(stack);
    if (!seen)
      throw new KnownError('stack_missing', `There is no stack ${stack} in ${place.region}: nothing to destroy.`);
    const [before, stores] = await Promise.all([account.listResources(stack), findStores(account, stack)]);
    const full = inTheWay(stores);
    if (full.length > 0 && !withData) {
      throw new KnownError(
        'data_in_the_way',
        `This stage does not keep its data, and there is some:\n${full.map(({ name, holds }) => `  bucket ${name}: ${holds} objects`).join('\n')}\n` +
          'Say --with-data to delete it for good, or deploy the stage with `keepData: true` first, which makes it stay.',
      );
    }
    const kept = withData ? [] : stores.filter(({ kept }) => kept);
    const stays = [
      ...kept.map(({ type, name, holds }) => ({
        what: wordFor(type),
        name,
        because: `the stage keeps its data${holds === undefined ? '' : ` (${holds} objects)`}; --with-data deletes it`,
      })),
      ...ALWAYS_STAYS,
    ];
    const deleted = withData ? stores : stores.filter(({ kept }) => !kept);
    world.tell(
      `${stack} in account ${place.account}, ${place.region}: ${before.length} resources.\n` +
        `Deleted for good: ${deleted.map(({ type, name, holds }) => `${wordFor(type)} ${name}${holds ? ` (${holds} objects)` : ''}`).join(', ') || 'no data'}.\n` +
        `Stays:\n${linesOf(stays)}`,
    );
    await confirm(world, yes, `Destroy ${stack}${withData ? ' and all its data' : ''}?`);
    // What is in a bucket keeps CloudFormation from deleting it.
    await empty(world, account, full);
    const status = await world.deploys.cdk(['destroy', '--all', '--force', '--context', `stage=${stage}`]);
    if (status !== 0) {
      throw new KnownError(
        'deploy_failed',
        `\`cdk destroy\` ended with status ${status}; what it said is above. A job that still wrote may have filled a bucket ` +
          'again: `troupe destroy` may be repeated.',
      );
    }
    // Only now: while the stack stood, its functions and jobs could still write.
    const outlived = withData ? stores.filter(({ kept }) => kept) : [];
    await empty(
      world,
      account,
      outlived.filter(({ holds }) => holds !== undefined),
    );
    for (const store of outlived) await account.remove(store);
    const left = await findLeft(account, seen.id, before, new Set(kept.map(({ name }) => name)));
    return {
      document: 'destroy' as const,
      stage,
      stack,
      ...place,
      removed: before.length - kept.length - left.length,
      stays,
      left,
    };
  },
  unmet: ({ left }) => left.length > 0,
  show: ({ stack, removed, stays, left }) =>
    `${stack} is gone: ${removed} resources were looked for and are not there any more.\nStays, as asked:\n${linesOf(stays)}` +
    (left.length === 0 ? '' : `\nLEFT, and nobody asked for it:\n${linesOf(left)}`),
});
