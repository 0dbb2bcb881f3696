import { BenchDocument } from '../../contracts/index.ts';
import { benchText } from '../bench-text.ts';
import { defineCommand } from '../command.ts';
import { KnownError } from '../errors.ts';

const DEFAULT_SEED = 20_261_126;

export const benchRun = defineCommand({
  meta: { name: 'bench', about: 'Measure what is claimed, and write the results with the rows they come from' },
  args: {
    name: { type: 'positional', about: 'the bench, such as base' },
    seed: { type: 'text', value: 'number', about: `which subjects of the test split (default: ${DEFAULT_SEED})` },
    only: { type: 'text', value: 'claims', about: 'only these claims, such as E1a,E2b; results then lie in .bench' },
    quick: { type: 'flag', byDefault: false, about: 'a few minutes of everything; results then lie in .bench' },
    resume: { type: 'flag', byDefault: true, about: 'do not go on with what an earlier run has measured' },
  },
  document: BenchDocument,
  async run({ name, seed: typed, only, quick, resume }, world) {
    const seed = Number(typed ?? DEFAULT_SEED);
    if (!Number.isInteger(seed) || seed < 0 || seed > 4_294_967_295) {
      throw new KnownError('usage', `A seed is a whole number from 0 to 4294967295, not ${typed}.`);
    }
    const claims = only === undefined ? [] : only.split(',').map((id) => id.trim());
    return world.benches.run(name, { seed, quick, resume, only: claims }, (line) => world.tell(line));
  },
  show: benchText,
});
