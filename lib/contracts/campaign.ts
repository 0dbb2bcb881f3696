import { z } from 'zod';
import { PromptText, Seed, Slug, Timestamp } from './common.ts';
import { Sampler } from './plan.ts';

/** A shape of picture that a channel wants. Sizes follow from the base model's own size. */
export const Channel = z.enum(['square', 'story', 'wide']);
export type Channel = z.infer<typeof Channel>;

const PicturesPerPrompt = z.int().min(1).max(64);

/** One prompt; `{mina}` stands for a subject, `{coat}` for each value of a characteristic. */
export const CampaignPrompt = z.strictObject({
  text: PromptText,
  subjects: z.array(Slug).min(1).max(4).optional(),
  seeds: PicturesPerPrompt.optional(),
  channels: z.array(Channel).min(1).max(3).optional(),
});
export type CampaignPrompt = z.infer<typeof CampaignPrompt>;

/** `campaign.yaml`: prompts × subjects × sizes × seeds, with a budget, a deadline and a review policy. */
export const CampaignFile = z
  .strictObject({
    campaign: Slug,
    subjects: z.array(Slug).min(1).max(64),
    prompts: z
      .array(z.union([PromptText, CampaignPrompt]))
      .min(1)
      .max(2_000),
    characteristics: z
      .record(z.string().regex(/^[a-z][a-z0-9_]{0,31}$/), z.array(PromptText).min(1).max(50))
      .default({}),
    seeds: PicturesPerPrompt.default(1),
    firstSeed: Seed.default(0).meta({ description: 'The first picture’s seed; the next ones count up from it' }),
    channels: z.array(Channel).min(1).max(3).default(['square']),
    sampler: Sampler.prefault({}),
    budget: z.strictObject({ limit: z.number().min(0).max(1_000_000), currency: z.enum(['USD', 'EUR']) }).optional(),
    neededBy: Timestamp.optional(),
    review: z.enum(['required', 'none']).default('required'),
  })
  .meta({ id: 'CampaignFile' });
export type CampaignFile = z.infer<typeof CampaignFile>;

/** The columns of `campaign.csv`: one row per prompt. The file’s name is the campaign’s. */
export const CampaignCsvRow = z.strictObject({
  subjects: z.string().min(1).max(200).meta({ description: 'Subjects, joined by spaces' }),
  prompt: PromptText,
  seeds: z.coerce.number().pipe(PicturesPerPrompt).optional(),
  channels: z.string().max(100).optional().meta({ description: 'Channels, joined by spaces' }),
});
export type CampaignCsvRow = z.infer<typeof CampaignCsvRow>;
