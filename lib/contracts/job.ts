import { z } from 'zod';
import { JobId, Kind, Noun, ObjectKey, PromptText, Sha256, Slug } from './common.ts';
import { BaseModelRef, RecipeRequest } from './recipe.ts';

/** A sanitised reference picture in the library, with the caption its manifest gave. */
export const ReferenceInput = z
  .strictObject({ key: ObjectKey, sha256: Sha256, caption: PromptText.optional() })
  .meta({ id: 'ReferenceInput' });

/** Learn a subject from its references. */
export const TuneJob = z
  .strictObject({
    job: JobId,
    verb: z.literal('tune'),
    baseModel: BaseModelRef,
    subject: Slug,
    kind: Kind,
    noun: Noun,
    token: z
      .string()
      .min(1)
      .max(48)
      .meta({ description: 'Rare word of the base model’s tokenizer that will mean this subject' }),
    version: z.int().min(1).max(9_999),
    references: z.array(ReferenceInput).min(1).max(64),
    recipe: RecipeRequest,
    output: ObjectKey.meta({ description: 'Prefix of the subject version' }),
  })
  .meta({ id: 'TuneJob' });
export type TuneJob = z.infer<typeof TuneJob>;

/** Draw the cells of a plan. With more than one shard the job is a Batch array job. */
export const RenderJob = z
  .strictObject({
    job: JobId,
    verb: z.literal('render'),
    campaign: Slug,
    plan: ObjectKey,
    shards: z.int().min(1).max(10_000),
    output: ObjectKey.meta({ description: 'Prefix under which each cell’s .png and .json are written' }),
  })
  .meta({ id: 'RenderJob' });
export type RenderJob = z.infer<typeof RenderJob>;

/** `jobs/<job>/job.json`: one piece of GPU work. Its keys are relative to the library. A new verb is one more member. */
export const Job = z.discriminatedUnion('verb', [TuneJob, RenderJob]).meta({ id: 'Job' });
export type Job = z.infer<typeof Job>;

/** `claim.json`: which attempt holds the job (or the shard). Written conditionally; a lower epoch never overwrites a higher one. */
export const Claim = z
  .strictObject({
    job: JobId,
    epoch: z.int().min(1).max(1_000),
    holder: z
      .string()
      .min(1)
      .max(200)
      .meta({ description: 'AWS_BATCH_JOB_ID of the holder: its own retries may claim again' }),
    attempt: z.int().min(1).max(10),
  })
  .meta({ id: 'Claim' });
export type Claim = z.infer<typeof Claim>;

/** `progress.json`: how far the holder is; at most one write a second. */
export const JobProgress = z
  .strictObject({
    job: JobId,
    phase: z.string().max(48),
    step: z.int().min(0),
    of: z.int().min(0),
    secondsLeft: z.number().min(0).nullable(),
  })
  .meta({ id: 'JobProgress' });
export type JobProgress = z.infer<typeof JobProgress>;
