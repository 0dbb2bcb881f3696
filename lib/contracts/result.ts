import { z } from 'zod';
import { FailureCode } from './codes.ts';
import { JobId, Sha256, Slug, StoredObject } from './common.ts';
import { Recipe } from './recipe.ts';

export const Libraries = z
  .record(z.string().max(48), z.string().max(48))
  .meta({ description: 'Version by library name' });

const common = {
  job: JobId,
  verb: z.enum(['tune', 'render']),
  epoch: z.int().min(1).max(1_000),
  attempt: z.int().min(1).max(10),
  shard: z.int().min(0).max(9_999).meta({ description: 'Index of the shard; 0 for a plain job' }),
  seconds: z.record(z.string().max(48), z.number().min(0)).meta({ description: 'Seconds by phase, of this attempt' }),
  device: z.string().max(200),
  libraries: Libraries,
};

export const JobDone = z
  .strictObject({
    ...common,
    state: z.literal('done'),
    outputs: z.array(StoredObject).max(200_000),
    skipped: z.int().min(0).meta({ description: 'Outputs found already written by an earlier attempt' }),
  })
  .meta({ id: 'JobDone' });

export const JobFailure = z
  .strictObject({ ...common, state: z.literal('failed'), code: FailureCode, sentence: z.string().min(1).max(1_000) })
  .meta({ id: 'JobFailure' });

/** `result.json`, written once per job (or shard): what it made, or why it never will. */
export const JobResult = z.discriminatedUnion('state', [JobDone, JobFailure]).meta({ id: 'JobResult' });
export type JobResult = z.infer<typeof JobResult>;

/** `report.json` of a subject version: what tuning did. Holds no clock time, so that equal runs write equal bytes. */
export const SubjectReport = z
  .strictObject({
    subject: Slug,
    version: z.int().min(1).max(9_999),
    recipe: Recipe,
    recipeHash: Sha256,
    adapter: StoredObject,
    references: z.array(Sha256).min(1).max(64),
    steps: z.int().min(0),
    loss: z.array(z.number()).max(1_000).meta({ description: 'Mean training loss of each tenth of the run or finer' }),
  })
  .meta({ id: 'SubjectReport' });
export type SubjectReport = z.infer<typeof SubjectReport>;
