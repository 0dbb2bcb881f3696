import { z } from 'zod';
import { CampaignFile } from './campaign.ts';
import { FailureCode, FindingCode, RejectionCode, WaitCode } from './codes.ts';
import { CellId, FileName, JobId, Sha256, Slug, StoredObject, Timestamp } from './common.ts';
import { Method } from './recipe.ts';
import { SubjectManifest } from './subject.ts';
import { VariantScores } from './variant.ts';

/**
 * The state table: one DynamoDB table, `pk` + `sk`, and one index `byList` (`list` + `sk2`) that lists all rows of a kind.
 * Every row carries `revision`; every write is conditional on the revision it read.
 */
export const STATE_INDEX = 'byList';

export const rowKeys = {
  subject: (subject: string) => ({ pk: `subject#${subject}`, sk: 'subject' }),
  reference: (subject: string, file: string) => ({ pk: `subject#${subject}`, sk: `reference#${file}` }),
  version: (subject: string, version: number) => ({
    pk: `subject#${subject}`,
    sk: `version#${String(version).padStart(4, '0')}`,
  }),
  campaign: (campaign: string) => ({ pk: `campaign#${campaign}`, sk: 'campaign' }),
  variant: (campaign: string, cell: string) => ({ pk: `campaign#${campaign}`, sk: `variant#${cell}` }),
  job: (job: string) => ({ pk: `job#${job}`, sk: 'job' }),
  /** By the key’s digest: a key may have 1,024 bytes, which is all that the index’s sort key holds. */
  upload: (keyDigest: Sha256) => ({ pk: `upload#${keyDigest}`, sk: 'upload' }),
  waiter: (subject: string, campaign: string) => ({ pk: `subject#${subject}`, sk: `waiter#${campaign}` }),
} as const;

/** Partition and sort key of a row. A row’s sort key begins with its kind. */
export type RowKey = { pk: string; sk: string };

/** Why something waits, since when, and what ends the wait. */
export const Wait = z.strictObject({ code: WaitCode, sentence: z.string().max(500), since: Timestamp });
export type Wait = z.infer<typeof Wait>;

const Rejection = z.strictObject({ code: RejectionCode, sentence: z.string().max(500) });
const Failure = z.strictObject({ code: FailureCode, sentence: z.string().max(1_000) });
const revision = z.int().min(0);
/** S3’s word for which bytes an upload has: one whose event was lost has another than the row. */
const Etag = z.string().max(200);

/** What a reference looks like, measured on arrival: enough to tell copies and blur later without the picture. */
export const PictureLook = z.strictObject({
  /** Perceptual hash, 64 bits in hexadecimal: which of two neighbours is brighter, on a grid of 9 × 8. */
  hash: z.string().regex(/^[0-9a-f]{16}$/),
  /** Spread of the Laplacian, in grey levels, of the picture at 256 px width. */
  sharpness: z.number().min(0),
});
export type PictureLook = z.infer<typeof PictureLook>;

/** What the reader saw of the subject: the largest figure of the picture. A word that it was unsure of is left out. */
export const PictureReading = z.strictObject({
  figures: z.int().min(0).max(100),
  /** The figure’s share of the picture’s area, in 0..1; 0 without one. */
  share: z.number().min(0).max(1),
  view: z.string().max(48).optional(),
  framing: z.string().max(48).optional(),
  expression: z.string().max(48).optional(),
  pose: z.string().max(48).optional(),
});
export type PictureReading = z.infer<typeof PictureReading>;

/** Something that the owner of a subject should know before a GPU is used. */
export const Finding = z.strictObject({
  code: FindingCode,
  files: z.array(FileName).max(100),
  sentence: z.string().max(500),
});
export type Finding = z.infer<typeof Finding>;

export const SubjectRow = z.strictObject({
  row: z.literal('subject'),
  subject: Slug,
  state: z.enum(['waiting', 'ready', 'tuning', 'tuned', 'failed']),
  manifest: SubjectManifest.optional(),
  /** Of the subject.yaml that was read last, taken or refused. */
  manifestEtag: Etag.optional(),
  /** Of the references that the manifest names and that were accepted. */
  findings: z.array(Finding).max(100).optional(),
  /** The last version that a tuning was asked for; its number is taken before the job is submitted, and never given again. */
  latestVersion: z.int().min(0).default(0),
  /** Digest of all that decided the latest tuning (references, noun, recipe, base model): the same set is tuned once. */
  tunedFrom: Sha256.optional(),
  job: JobId.optional(),
  wait: Wait.optional(),
  rejection: Rejection.optional(),
  failure: Failure.optional(),
  updatedAt: Timestamp,
  revision,
});
export type SubjectRow = z.infer<typeof SubjectRow>;

export const ReferenceRow = z.strictObject({
  row: z.literal('reference'),
  subject: Slug,
  file: FileName,
  state: z.enum(['accepted', 'rejected']),
  /** Digest of the upload as it came, with its declared type, so a redelivered event changes nothing. */
  source: Sha256,
  picture: StoredObject.optional(),
  width: z.int().optional(),
  height: z.int().optional(),
  look: PictureLook.optional(),
  /** Missing where no reader is configured. */
  reading: PictureReading.optional(),
  encoder: z.string().max(64).optional(),
  /** The identity vector: float32, little-endian, base64. */
  vector: z.string().max(30_000).optional(),
  rejection: Rejection.optional(),
  updatedAt: Timestamp,
  revision,
});
export type ReferenceRow = z.infer<typeof ReferenceRow>;

export const VersionRow = z.strictObject({
  row: z.literal('version'),
  subject: Slug,
  version: z.int().min(1),
  job: JobId,
  method: Method,
  token: z.string().max(48),
  recipeHash: Sha256,
  baseModel: Sha256,
  adapter: StoredObject,
  references: z.array(Sha256),
  updatedAt: Timestamp,
  revision,
});
export type VersionRow = z.infer<typeof VersionRow>;

export const CampaignRow = z.strictObject({
  row: z.literal('campaign'),
  campaign: Slug,
  /** `over`: it was scheduled for one moment, which has come. */
  state: z.enum(['scheduled', 'over', 'waiting', 'planned', 'rendering', 'drawn', 'failed', 'rejected']),
  source: Sha256,
  /** The schedule's tick that made this campaign, and the scheduled campaign whose file it is. */
  tick: z.strictObject({ campaign: Slug, time: Timestamp }).optional(),
  file: CampaignFile.optional(),
  /** Of the file of each form that was read last, taken or refused. */
  fileEtags: z.strictObject({ yaml: Etag.optional(), csv: Etag.optional() }).optional(),
  cells: z.int().min(0).default(0),
  job: JobId.optional(),
  wait: Wait.optional(),
  rejection: Rejection.optional(),
  failure: Failure.optional(),
  updatedAt: Timestamp,
  revision,
});
export type CampaignRow = z.infer<typeof CampaignRow>;

export const VariantRow = z.strictObject({
  row: z.literal('variant'),
  campaign: Slug,
  cell: CellId,
  subject: Slug,
  picture: StoredObject,
  scores: VariantScores,
  /** Whether its enlarged picture is still to be written, or is there. Missing where none is wanted. */
  large: z.enum(['due', 'written']).optional(),
  updatedAt: Timestamp,
  revision,
});
export type VariantRow = z.infer<typeof VariantRow>;

export const JobRow = z.strictObject({
  row: z.literal('job'),
  job: JobId,
  verb: z.enum(['tune', 'render']),
  state: z.enum(['intended', 'submitted', 'done', 'failed']),
  subject: Slug.optional(),
  campaign: Slug.optional(),
  epoch: z.int().min(1),
  shards: z.int().min(1),
  /** Where its machines are bought. A job for which spot has none is asked for again on demand, under the next epoch. */
  market: z.enum(['spot', 'on-demand']).default('spot'),
  /** Batch’s own id, once it has accepted the job. */
  batchJob: z.string().max(200).optional(),
  seconds: z.record(z.string(), z.number()).optional(),
  failure: Failure.optional(),
  updatedAt: Timestamp,
  revision,
});
export type JobRow = z.infer<typeof JobRow>;

/** An upload that belongs to nothing: kept so that its owner can read why. */
export const UploadRow = z.strictObject({
  row: z.literal('upload'),
  key: z.string().max(1_024),
  rejection: Rejection,
  updatedAt: Timestamp,
  revision,
});
export type UploadRow = z.infer<typeof UploadRow>;

/** A campaign that once waited for a subject: kept below the subject, so that its news find the campaign without a search. */
export const WaiterRow = z.strictObject({
  row: z.literal('waiter'),
  subject: Slug,
  campaign: Slug,
  updatedAt: Timestamp,
  revision,
});
export type WaiterRow = z.infer<typeof WaiterRow>;

export const Row = z.discriminatedUnion('row', [
  SubjectRow,
  ReferenceRow,
  VersionRow,
  CampaignRow,
  VariantRow,
  JobRow,
  UploadRow,
  WaiterRow,
]);
export type Row = z.infer<typeof Row>;
export type ListName = Row['row'];
