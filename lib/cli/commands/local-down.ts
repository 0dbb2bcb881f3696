import { LocalDocument } from '../../contracts/index.ts';
import { defineCommand } from '../command.ts';
import { localText } from '../local-text.ts';

export const localDown = defineCommand({
  meta: { name: 'local down', about: 'Stop the local cloud; what it held is gone' },
  args: {},
  document: LocalDocument,
  run: (_values, world) => world.local.down(),
  show: localText,
});
