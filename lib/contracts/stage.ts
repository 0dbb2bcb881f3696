import { z } from 'zod';

/** What the pictures of a deployment are made for: some weights may be used for research alone. */
export const DeclaredUse = z.enum(['commercial', 'research']);
export type DeclaredUse = z.infer<typeof DeclaredUse>;

/** What one deployment of Troupe may be told. Everything else follows from it. */
export const StageConfig = z.strictObject({
  isolated: z.boolean().meta({
    description: 'GPU hosts without any way to the internet, at the monthly price of interface endpoints in each zone',
  }),
  baseModel: z.string().meta({ description: 'Name of the base model in models.lock.json' }),
  use: DeclaredUse,
  maxvCpus: z.int().min(4).meta({ description: 'Most vCPUs of GPU machines at once, four to a GPU' }),
  cellsPerShard: z.int().min(1).meta({
    description: 'Pictures that one worker draws: a campaign of more is an array job',
  }),
  keepData: z.boolean().meta({ description: 'Whether buckets and table stay when the stack goes' }),
  logRetentionDays: z.int().min(1),
});
export type StageConfig = z.infer<typeof StageConfig>;

/** The stack of a stage: two stages may stand in one account. */
export const stackOfStage = (stage: string): string => `troupe-${stage}`;

/** vCPUs of one GPU job: what the job definition asks for, and what the smallest machine of each family has. */
export const JOB_VCPUS = 4;

/** Interface endpoints of an isolated network, and the zones that each of them is billed in. */
export const ISOLATED_ENDPOINTS = { services: 7, zones: 2 } as const;
