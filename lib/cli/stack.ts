import { STACK_OUTPUTS, type StackOutput } from '../contracts/index.ts';
import { KnownError } from './errors.ts';

/** Name of the stack when nobody gives another: the first stage of bin/app.ts. */
export const DEFAULT_STACK = 'troupe-trial';

/** The outputs that Troupe’s stack has, by our names for them. */
export function pickOutputs(outputs: Record<string, string>, where: string): Record<StackOutput, string> {
  const missing = Object.values(STACK_OUTPUTS).filter((name) => !outputs[name]);
  if (missing.length > 0) {
    throw new KnownError('stack_missing', `${where} has no output ${missing.join(', ')}: is it a Troupe stack?`);
  }
  const pick = (name: StackOutput): string => outputs[STACK_OUTPUTS[name]] ?? '';
  return { intakeBucket: pick('intakeBucket'), libraryBucket: pick('libraryBucket'), stateTable: pick('stateTable') };
}
