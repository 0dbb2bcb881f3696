import { z } from 'zod';
import { BaseModelRef, ENVIRONMENT, type EnvironmentName, ScheduleHome } from '../../lib/contracts/index.ts';
import { ConfigurationError } from './errors.ts';

const Text = z.string().min(1);
const JsonText = z.string().transform((text, context) => {
  try {
    return JSON.parse(text);
  } catch {
    context.addIssue('is not JSON');
    return z.NEVER;
  }
});

const contracts = {
  intakeBucket: Text,
  libraryBucket: Text,
  stateTable: Text,
  tuningQueueUrl: z.url(),
  renderQueueUrl: z.url(),
  campaignQueueUrl: z.url(),
  uploadQueueUrl: z.url(),
  jobChangeQueueUrl: z.url(),
  variantQueueUrl: z.url(),
  spotQueue: Text,
  onDemandQueue: Text,
  workerDefinition: Text,
  baseModel: JsonText.pipe(BaseModelRef),
  encoderFolder: Text,
  readerFolder: Text.optional(),
  upscalerFolder: Text.optional(),
  shardCells: z.coerce.number().pipe(z.int().min(1).max(100_000)).default(32),
  campaignSchedules: JsonText.pipe(ScheduleHome),
} satisfies Record<EnvironmentName, z.ZodType>;

/** One variable of the environment, checked. Throws `ConfigurationError` with its name. */
export function readEnvironment<N extends EnvironmentName>(name: N): z.infer<(typeof contracts)[N]> {
  const checked = contracts[name].safeParse(process.env[ENVIRONMENT[name]]);
  if (!checked.success) throw new ConfigurationError(`${ENVIRONMENT[name]}: ${checked.error.issues[0]?.message}`);
  return checked.data as z.infer<(typeof contracts)[N]>;
}
