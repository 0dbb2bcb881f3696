import { LocalDocument } from '../../contracts/index.ts';
import { defineCommand } from '../command.ts';
import { localText } from '../local-text.ts';

export const localUp = defineCommand({
  meta: { name: 'local up', about: 'Start the local cloud from the synthesised app (`npm run synth`)' },
  args: {},
  document: LocalDocument,
  run: (_values, world) => world.local.up((words) => world.tell(words)),
  show: localText,
});
