import { z } from 'zod';

/** Why an upload was refused. Whoever uploaded reads the code and its sentence. */
export const RejectionCode = z.enum([
  'unknown_key',
  'not_a_picture',
  'type_mismatch',
  'picture_damaged',
  'picture_too_large',
  'picture_too_small',
  'file_too_large',
  'file_empty',
  'manifest_invalid',
  'manifest_names_other_subject',
  'campaign_invalid',
  'campaign_changed',
]);
export type RejectionCode = z.infer<typeof RejectionCode>;

/** Why a job failed for good. The worker writes it in its result; the last three are written for jobs that left none. */
export const FailureCode = z
  .enum([
    'job_invalid',
    'model_unverified',
    'model_unknown',
    'method_unknown',
    'setting_invalid',
    'reference_missing',
    'adapter_missing',
    'plan_missing',
    'token_unknown',
    'output_conflict',
    'numbers_not_finite',
    'out_of_memory',
    'internal',
    'passport_expired',
    'attempts_exhausted',
    'cancelled',
    'no_capacity',
    'no_result',
  ])
  .meta({ id: 'FailureCode', description: 'Why a job failed for good' });
export type FailureCode = z.infer<typeof FailureCode>;

/** Why something has not happened yet. `troupe status` shows the sentence beside it. */
export const WaitCode = z.enum([
  'manifest_missing',
  'references_missing',
  'references_all_rejected',
  'passport_expired',
  'subject_unknown',
  'subject_not_ready',
  'subject_not_tuned',
  'subject_failed',
  'base_model_changed',
  'tuning',
  'rendering',
  'scheduled',
]);
export type WaitCode = z.infer<typeof WaitCode>;

/** Something that waits for nobody, but that the pipeline has not got to yet: the state it is in. */
export const PassingCode = z.enum(['ready', 'planned', 'intended', 'submitted']);
export type PassingCode = z.infer<typeof PassingCode>;

/** What the doctor finds in a subject’s pictures: advice, never a refusal. */
export const FindingCode = z.enum([
  'somebody_else',
  'same_picture',
  'no_figure',
  'several_figures',
  'small_subject',
  'blurred',
  'smaller_than_drawn',
  'few_pictures',
  'one_view',
  'one_framing',
  'one_pose',
]);
export type FindingCode = z.infer<typeof FindingCode>;
