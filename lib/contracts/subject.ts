import { z } from 'zod';
import { FileName, Kind, Noun, PromptText, Slug } from './common.ts';
import { MethodChoice, Settings } from './recipe.ts';

/** Who holds the rights to a subject, and what may be done with it. No GPU second is spent without a valid one. */
export const Passport = z
  .strictObject({
    owner: z.string().min(1).max(200),
    consent: z.enum(['own-design', 'licensed', 'signed-consent', 'public-domain']),
    uses: z
      .array(z.enum(['marketing', 'editorial', 'retail', 'game', 'research', 'internal']))
      .min(1)
      .max(6),
    territories: z
      .array(z.string().regex(/^(worldwide|[A-Z]{2})$/))
      .min(1)
      .max(250),
    expires: z.iso.date().meta({ description: 'Last day on which the passport is valid, in UTC' }),
    evidence: FileName.optional().meta({ description: 'File that proves the consent' }),
  })
  .meta({ id: 'Passport' });
export type Passport = z.infer<typeof Passport>;

/** `subject.yaml`: what must stay the same, learned from which pictures, under which rights. */
export const SubjectManifest = z
  .strictObject({
    subject: Slug,
    kind: Kind,
    noun: Noun,
    references: z.array(FileName).min(1).max(64),
    method: MethodChoice.default('auto'),
    settings: Settings.optional().meta({
      description: 'What the method named above is to do otherwise than published; `auto` takes none',
    }),
    captions: z.record(FileName, PromptText).optional(),
    concepts: z
      .array(z.strictObject({ name: Slug, noun: Noun }))
      .min(2)
      .max(4)
      .optional()
      .meta({ description: 'When one picture shows several subjects: what each is called' }),
    passport: Passport,
  })
  .refine(({ method, settings }) => method !== 'auto' || settings === undefined, {
    path: ['settings'],
    message: 'belong to a named method: name it, or leave them out',
  })
  .meta({ id: 'SubjectManifest' });
export type SubjectManifest = z.infer<typeof SubjectManifest>;
