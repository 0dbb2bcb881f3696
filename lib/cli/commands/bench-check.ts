import { BenchDocument } from '../../contracts/index.ts';
import { benchText } from '../bench-text.ts';
import { defineCommand } from '../command.ts';
import { KnownError } from '../errors.ts';

export const benchCheck = defineCommand({
  meta: { name: 'bench check', about: 'Make every value of a committed bench again from its rows' },
  args: { name: { type: 'positional', about: 'the bench, such as base' } },
  document: BenchDocument,
  async run({ name }, world) {
    const document = await world.benches.check(name, (line) => world.tell(line));
    if (document.differences.length > 0) {
      throw new KnownError(
        'bench_failed',
        `${document.file} is not what its rows give.\n${document.differences.join('\n')}`,
      );
    }
    return document;
  },
  show: benchText,
});
