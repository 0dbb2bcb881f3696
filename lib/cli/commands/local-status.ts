import { LocalDocument } from '../../contracts/index.ts';
import { defineCommand } from '../command.ts';
import { localText } from '../local-text.ts';

export const localStatus = defineCommand({
  meta: { name: 'local status', about: 'Say whether the local cloud is up, and where' },
  args: {},
  document: LocalDocument,
  run: (_values, world) => world.local.status(),
  show: localText,
});
