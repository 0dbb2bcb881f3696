import { z } from 'zod';
import { CellId, Noun, PromptText, Seed, Sha256, Slug, StoredObject } from './common.ts';
import { BaseModelRef, Method } from './recipe.ts';

/** How noise becomes a picture. */
export const Sampler = z
  .strictObject({
    name: z.enum(['dpm-solver++', 'ddim']).default('dpm-solver++'),
    steps: z.int().min(1).max(200).default(20),
    guidance: z.number().min(1).max(30).default(4),
  })
  .meta({ id: 'Sampler' });
export type Sampler = z.infer<typeof Sampler>;

/** One planned picture of a campaign. Its id is a hash of all that decides the picture. */
export const Cell = z
  .strictObject({
    cell: CellId,
    prompt: PromptText.meta({
      description: 'Filled in but for the subjects, which stay as {name}: a method says how it names them',
    }),
    subjects: z.array(Slug).min(1).max(4),
    seed: Seed,
    width: z.int().min(64).max(4_096),
    height: z.int().min(64).max(4_096),
  })
  .meta({ id: 'Cell' });
export type Cell = z.infer<typeof Cell>;

/** A tuned subject, ready to be drawn. */
export const TunedSubject = z
  .strictObject({
    subject: Slug,
    noun: Noun,
    token: z.string().min(1).max(48),
    version: z.int().min(1).max(9_999),
    method: Method,
    recipe: Sha256,
    adapter: StoredObject,
  })
  .meta({ id: 'TunedSubject' });
export type TunedSubject = z.infer<typeof TunedSubject>;

/** `plan.json`: every cell of a campaign and all they share; written once. Shard i of n draws cells i, i + n, i + 2n … */
export const Plan = z
  .strictObject({
    campaign: Slug,
    source: Sha256.meta({ description: 'Digest of the campaign file the plan was made from' }),
    baseModel: BaseModelRef,
    sampler: Sampler,
    subjects: z.array(TunedSubject).min(1).max(64),
    cells: z.array(Cell).min(1).max(100_000),
  })
  .meta({ id: 'Plan' });
export type Plan = z.infer<typeof Plan>;
