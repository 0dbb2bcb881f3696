import { z } from 'zod';
import { Sha256, Slug, StoredObject } from './common.ts';
import { Cell, Sampler } from './plan.ts';
import { BaseModelRef } from './recipe.ts';
import { Libraries } from './result.ts';

/** Which version of a subject a picture was drawn with. */
export const SubjectDrawn = z
  .strictObject({ subject: Slug, version: z.int().min(1).max(9_999), recipe: Sha256, adapter: Sha256 })
  .meta({ id: 'SubjectDrawn' });

/** The sidecar of a variant (`<cell>.json`): enough to draw the picture again. Scores are kept in the state table. */
export const Variant = z
  .strictObject({
    campaign: Slug,
    cell: Cell,
    promptDrawn: z.string().max(2_000).meta({ description: 'The prompt as the text encoder read it' }),
    sampler: Sampler,
    baseModel: BaseModelRef,
    subjects: z.array(SubjectDrawn).min(1).max(4),
    picture: StoredObject,
    device: z.string().max(200),
    libraries: Libraries,
  })
  .meta({ id: 'Variant' });
export type Variant = z.infer<typeof Variant>;

/** What the gate measured on a variant. Cosine similarities are in [-1, 1]; ranks count from 1. */
export const VariantScores = z.strictObject({
  encoder: z
    .string()
    .max(64)
    .meta({ description: 'Name and version of the identity encoder; never compare across versions' }),
  similarity: z.number().min(-1).max(1).meta({ description: 'Cosine to the mean of the subject’s references' }),
  rank: z.int().min(1).meta({ description: 'Place of the subject among all subjects of the account, by similarity' }),
  ofSubjects: z.int().min(1),
  nearestReference: Sha256,
  nearestSimilarity: z.number().min(-1).max(1),
});
export type VariantScores = z.infer<typeof VariantScores>;
