import { z } from 'zod';
import { JobId, Sha256, Slug, Timestamp } from './common.ts';

/**
 * AWS’s own events. Open objects by necessity: AWS adds fields. Only what Troupe reads is named.
 */
export const ObjectCreated = z.looseObject({
  id: z.string(),
  'detail-type': z.literal('Object Created'),
  source: z.literal('aws.s3'),
  time: z.string(),
  detail: z.looseObject({
    bucket: z.looseObject({ name: z.string() }),
    object: z.looseObject({
      key: z.string(),
      size: z.number().optional(),
      'version-id': z.string().optional(),
      sequencer: z.string().optional(),
    }),
  }),
});
export type ObjectCreated = z.infer<typeof ObjectCreated>;

export const BatchJobStateChange = z.looseObject({
  'detail-type': z.literal('Batch Job State Change'),
  source: z.literal('aws.batch'),
  detail: z.looseObject({
    jobId: z.string(),
    jobName: z.string(),
    status: z.string(),
    statusReason: z.string().optional(),
    isCancelled: z.boolean().optional(),
    isTerminated: z.boolean().optional(),
    parameters: z.record(z.string(), z.string()).optional(),
    arrayProperties: z.looseObject({ index: z.number().optional(), size: z.number().optional() }).optional(),
    attempts: z
      .array(
        z.looseObject({
          container: z.looseObject({ exitCode: z.number().optional(), reason: z.string().optional() }).optional(),
        }),
      )
      .optional(),
  }),
});
export type BatchJobStateChange = z.infer<typeof BatchJobStateChange>;

/** The tick of a schedule rule. `time` is when it was meant to come, and the moment as of which is swept. */
export const SweepDue = z.looseObject({ source: z.literal('aws.events'), time: Timestamp });
export type SweepDue = z.infer<typeof SweepDue>;

/** Troupe’s own events, past tense. Each is a closed object told apart by `event`. */
export const ReferenceAccepted = z.strictObject({
  event: z.literal('reference.accepted'),
  subject: Slug,
  sha256: Sha256,
});
export const SubjectReady = z.strictObject({ event: z.literal('subject.ready'), subject: Slug });
export const SubjectTuned = z.strictObject({
  event: z.literal('subject.tuned'),
  subject: Slug,
  version: z.int().min(1),
});
export const CampaignPlanned = z.strictObject({ event: z.literal('campaign.planned'), campaign: Slug, job: JobId });
export const CampaignWaiting = z.strictObject({ event: z.literal('campaign.waiting'), campaign: Slug });
/** A schedule's tick: `time` is when it was meant to come, however late and often it does. */
export const CampaignDue = z.strictObject({ event: z.literal('campaign.due'), campaign: Slug, time: Timestamp });
export type CampaignDue = z.infer<typeof CampaignDue>;

/** What the tuning and render queues carry: ask start-job to submit. */
export const StartRequest = z.discriminatedUnion('event', [SubjectReady, CampaignPlanned]);
export type StartRequest = z.infer<typeof StartRequest>;

/** What the campaign queue carries: a new campaign file, the news that may end a campaign’s wait, or a schedule's tick. */
export const PlanRequest = z.union([ObjectCreated, SubjectTuned, CampaignWaiting, CampaignDue]);
export type PlanRequest = z.infer<typeof PlanRequest>;
