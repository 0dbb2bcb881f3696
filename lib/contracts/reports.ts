import { z } from 'zod';
import { BenchFile } from './bench.ts';
import { PassingCode, WaitCode } from './codes.ts';
import { CellId, JobId, PromptText, Seed, Sha256, Slug, Timestamp } from './common.ts';
import { JobProgress } from './job.ts';
import { Family } from './recipe.ts';
import { CampaignRow, Finding, JobRow, ReferenceRow, SubjectRow, VariantRow, VersionRow, Wait } from './rows.ts';
import { VariantScores } from './variant.ts';

/** What `troupe … --json` prints: one of these documents, and nothing else. A consumer may rely on every field. */

/** Identity vectors are large and mean nothing to a reader. */
const ReferenceSeen = ReferenceRow.omit({ vector: true });

export const SubjectDocument = z.strictObject({
  document: z.literal('subject'),
  subject: SubjectRow,
  references: z.array(ReferenceSeen),
  versions: z.array(VersionRow),
});
export type SubjectDocument = z.infer<typeof SubjectDocument>;

export const SubjectListDocument = z.strictObject({ document: z.literal('subjects'), subjects: z.array(SubjectRow) });
export type SubjectListDocument = z.infer<typeof SubjectListDocument>;

/** What was put in the intake bucket. Whether it is accepted is decided there: `subject show` and `campaign show` say. */
export const UploadDocument = z.strictObject({
  document: z.literal('upload'),
  of: z.enum(['subject', 'campaign']),
  name: Slug,
  keys: z.array(z.string()).min(1),
});
export type UploadDocument = z.infer<typeof UploadDocument>;

/** One planned picture. Not yet drawn without `picture`, not yet gated without `scores`. */
export const CellSeen = z.strictObject({
  cell: CellId,
  prompt: PromptText,
  seed: Seed,
  subjects: z.array(Slug),
  width: z.int(),
  height: z.int(),
  picture: Sha256.optional(),
  scores: VariantScores.optional(),
  large: VariantRow.shape.large,
});
export type CellSeen = z.infer<typeof CellSeen>;

export const CampaignDocument = z.strictObject({
  document: z.literal('campaign'),
  campaign: CampaignRow,
  cells: z.array(CellSeen),
  job: JobRow.optional(),
  progress: z.array(JobProgress),
});
export type CampaignDocument = z.infer<typeof CampaignDocument>;

/** One thing that waits: what, why, since when, and what happens next. */
export const WaitSeen = Wait.extend({
  of: z.enum(['subject', 'campaign', 'job']),
  name: z.union([Slug, JobId]),
  code: z.union([WaitCode, PassingCode]),
  next: z.string(),
});
export type WaitSeen = z.infer<typeof WaitSeen>;

export const StatusDocument = z.strictObject({
  document: z.literal('status'),
  subjects: z.array(SubjectRow),
  campaigns: z.array(CampaignRow),
  jobs: z.array(JobRow),
  waits: z.array(WaitSeen),
  refused: z.array(z.strictObject({ key: z.string(), code: z.string(), sentence: z.string(), at: Timestamp })),
});
export type StatusDocument = z.infer<typeof StatusDocument>;

/** What the doctor says of pictures on this machine. */
export const DoctorDocument = z.strictObject({
  document: z.literal('doctor'),
  pictures: z.array(
    ReferenceRow.pick({
      file: true,
      state: true,
      width: true,
      height: true,
      look: true,
      reading: true,
      rejection: true,
    }),
  ),
  findings: z.array(Finding),
});
export type DoctorDocument = z.infer<typeof DoctorDocument>;

export const LocalDocument = z.strictObject({
  document: z.literal('local'),
  up: z.boolean(),
  endpoints: z.record(z.string(), z.string()).optional(),
  pid: z.int().optional(),
});
export type LocalDocument = z.infer<typeof LocalDocument>;

/** What a bench measured, where it was written, and which values the rows do not give again (after `bench check`). */
export const BenchDocument = z.strictObject({
  document: z.literal('bench'),
  file: z.string(),
  bench: BenchFile,
  differences: z.array(z.string()),
});
export type BenchDocument = z.infer<typeof BenchDocument>;

/** One thing that the preflight looked at. Nothing is deployed while one of them says `stop`. */
export const PreflightFinding = z.strictObject({
  code: z.string(),
  level: z.enum(['fine', 'advice', 'stop']),
  sentence: z.string(),
  next: z.string().optional(),
});
export type PreflightFinding = z.infer<typeof PreflightFinding>;

/** Which stage, and whose account it is in. */
const Place = z.strictObject({ stage: z.string(), stack: z.string(), account: z.string(), region: z.string() });

/** What stands in the way of a deploy, and whether it was done. */
export const DeployDocument = Place.extend({
  document: z.literal('deploy'),
  findings: z.array(PreflightFinding),
  deployed: z.boolean(),
});
export type DeployDocument = z.infer<typeof DeployDocument>;

const Leftover = z.strictObject({ what: z.string(), name: z.string(), because: z.string() });
export type Leftover = z.infer<typeof Leftover>;

/** What a destroyed stack left: what was meant to stay, and what was not. */
export const DestroyDocument = Place.extend({
  document: z.literal('destroy'),
  removed: z.int(),
  stays: z.array(Leftover),
  left: z.array(Leftover),
});
export type DestroyDocument = z.infer<typeof DestroyDocument>;

/** A folder that was taken as a base model. Without `library` nothing was uploaded: the stage is not deployed yet, or it was not asked for. */
export const ModelDocument = z.strictObject({
  document: z.literal('model'),
  name: z.string(),
  family: Family,
  licence: z.string(),
  commercialUse: z.boolean(),
  lock: z.enum(['written', 'unchanged']),
  files: z.int(),
  bytes: z.int(),
  leftOut: z.array(z.string()),
  library: z.string().optional(),
  uploaded: z.int().optional(),
});
export type ModelDocument = z.infer<typeof ModelDocument>;

/** A known error, with exit status 2. */
export const ErrorDocument = z.strictObject({
  document: z.literal('error'),
  code: z.string(),
  sentence: z.string(),
  job: JobId.optional(),
});
export type ErrorDocument = z.infer<typeof ErrorDocument>;
