import type { AnyCommand } from './command.ts';
import { benchCheck } from './commands/bench-check.ts';
import { benchRun } from './commands/bench-run.ts';
import { campaignRun } from './commands/campaign-run.ts';
import { campaignShow } from './commands/campaign-show.ts';
import { deploy } from './commands/deploy.ts';
import { destroy } from './commands/destroy.ts';
import { doctor } from './commands/doctor.ts';
import { localDown } from './commands/local-down.ts';
import { localStatus } from './commands/local-status.ts';
import { localUp } from './commands/local-up.ts';
import { modelAdd } from './commands/model-add.ts';
import { status } from './commands/status.ts';
import { subjectAdd } from './commands/subject-add.ts';
import { subjectList } from './commands/subject-list.ts';
import { subjectShow } from './commands/subject-show.ts';

/** Every command, in the order in which help lists them. A command of two words is a verb of a group. */
export const COMMANDS: readonly AnyCommand[] = [
  doctor,
  subjectAdd,
  subjectShow,
  subjectList,
  campaignRun,
  campaignShow,
  status,
  localUp,
  localDown,
  localStatus,
  benchRun,
  benchCheck,
  modelAdd,
  deploy,
  destroy,
];

export const GROUPS: Record<string, string> = {
  subject: 'What must stay the same',
  campaign: 'Pictures asked for',
  local: 'The cloud on this machine',
  model: 'Base models: what everything is drawn with',
};
