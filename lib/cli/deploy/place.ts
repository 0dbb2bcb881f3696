import { type StageConfig, stackOfStage } from '../../contracts/index.ts';
import type { World } from '../command.ts';
import { KnownError } from '../errors.ts';

export const DEFAULT_STAGE = 'trial';

/** A stage by its name, with the stack that it is. */
export function findStage(world: World, stage = DEFAULT_STAGE): { stage: string; stack: string; config: StageConfig } {
  const config = world.deploys.stages[stage];
  if (config) return { stage, stack: stackOfStage(stage), config };
  const known = Object.keys(world.deploys.stages).join(', ');
  throw new KnownError('stage_unknown', `bin/stages.ts has no stage "${stage}". It has ${known}.`);
}

/** Stop unless a person said yes, now or on the command line. */
export async function confirm(world: World, yes: boolean, question: string): Promise<void> {
  if (yes) return;
  const answer = await world.ask(question);
  if (answer) return;
  throw new KnownError(
    'unconfirmed',
    answer === false ? 'Nothing was changed.' : 'Nobody is here to be asked. Say --yes to go on without.',
  );
}
