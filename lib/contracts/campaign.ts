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

/**
 * When a campaign is drawn by itself, in EventBridge Scheduler's own words. Every time makes a campaign of its own, with seeds of
 * its own, from the same file.
 */
export const CampaignSchedule = z.strictObject({
  when: z
    .string()
    .max(120)
    .regex(/^(at\(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\)|rate\([1-9]\d{0,4} (minute|hour|day)s?\)|cron\(\S+( \S+){5}\))$/)
    .meta({ description: '`cron(0 9 ? * MON *)`, `rate(7 days)` or `at(2026-12-01T09:00:00)`' }),
  timezone: z
    .string()
    .max(50)
    .regex(/^[A-Za-z0-9_+/-]+$/)
    .default('UTC')
    .meta({ description: 'Whose clock `when` means, like `Europe/Berlin`; daylight saving is followed' }),
  from: Timestamp.optional(),
  until: Timestamp.optional(),
});
export type CampaignSchedule = z.infer<typeof CampaignSchedule>;

/** A scheduled campaign's name is followed by its tick, and both together must still be a name. */
export const SCHEDULED_NAME_LENGTH = 33;

/** Where a schedule lies, what it sends to, what it may be, and where ticks go that cannot be delivered: a name and three ARNs. */
export const ScheduleHome = z.strictObject({
  group: z.string().min(1),
  role: z.string().min(1),
  queue: z.string().min(1),
  deadLetters: z.string().min(1),
});
export type ScheduleHome = z.infer<typeof ScheduleHome>;

/** Most bytes of a campaign file: a row of the state holds the whole file, and a row has at most 400 kB. */
export const CAMPAIGN_FILE_BYTES = 200_000;

/** What is hashed to name a file that is too large: its bytes are never taken, so its size stands for them. */
export const sizeAsSource = (bytes: number): string => `${bytes} bytes`;

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
    schedule: CampaignSchedule.optional(),
    review: z.enum(['required', 'none']).default('required'),
    upscale: z
      .boolean()
      .default(true)
      .meta({ description: 'Whether small pictures are enlarged to be looked at, once they are measured' }),
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
