import { LocalDocument } from '../../contracts/index.ts';
import { defineCommand } from '../command.ts';
import { KnownError } from '../errors.ts';
import { localText } from '../local-text.ts';

export const localUp = defineCommand({
  meta: { name: 'local up', about: 'Start the local cloud from the synthesised app (`npm run synth`)' },
  args: {
    faults: {
      type: 'text',
      value: 'kinds',
      about:
        'what goes wrong on purpose: duplicate, reorder, delay, drop, kill, lose-reply, each with =<share> if you like',
    },
    faultSeed: { type: 'text', value: 'number', about: 'which things the faults strike (default: 0)' },
  },
  document: LocalDocument,
  run: (values, world) => world.local.up((words) => world.tell(words), faultsOf(values.faults, values.faultSeed)),
  show: localText,
});

function faultsOf(kinds: string | undefined, seed = '0') {
  if (!/^\d{1,15}$/.test(seed))
    throw new KnownError('usage', `--fault-seed ${seed}: a seed is a whole number from 0 on.`);
  return kinds === undefined ? undefined : { kinds, seed: Number(seed) };
}
