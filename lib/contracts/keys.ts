/** Where every object is. Intake keys are what users write; library keys are what Troupe writes. */

export const MANIFEST_FILE = 'subject.yaml';

/** What a picture is uploaded as, by the end of its name. */
export const PICTURE_TYPES: Readonly<Record<string, string>> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  webp: 'image/webp',
};

export const intakeKeys = {
  subjectFile: (subject: string, file: string) => `subjects/${subject}/${file}`,
  subjectManifest: (subject: string) => `subjects/${subject}/${MANIFEST_FILE}`,
  campaign: (campaign: string, extension: 'yaml' | 'csv') => `campaigns/${campaign}.${extension}`,
} as const;

export const libraryKeys = {
  reference: (subject: string, sha256: string) => `subjects/${subject}/references/${sha256}.png`,
  version: (subject: string, version: number) => `subjects/${subject}/versions/${version}/`,
  plan: (campaign: string) => `campaigns/${campaign}/plan.json`,
  variants: (campaign: string) => `campaigns/${campaign}/variants/`,
  variantPicture: (campaign: string, cell: string) => `campaigns/${campaign}/variants/${cell}.png`,
  variantSidecar: (campaign: string, cell: string) => `campaigns/${campaign}/variants/${cell}.json`,
  /** Variants enlarged for people to look at: nothing measures them, and their arrival starts nothing. */
  large: (campaign: string) => `campaigns/${campaign}/large/`,
  largePicture: (campaign: string, cell: string) => `campaigns/${campaign}/large/${cell}.png`,
  contactSheet: (campaign: string) => `campaigns/${campaign}/contact-sheet.html`,
  /** A file of a base model, by its own digest: two models may share it, and no upload can change it. */
  modelFile: (sha256: string) => `models/${sha256}`,
  job: (job: string) => `jobs/${job}/job.json`,
  /** Claim, progress, result and checkpoints: of the job, or of one shard of an array job. */
  jobState: (job: string, shard: number, shards: number) =>
    shards === 1 ? `jobs/${job}/` : `jobs/${job}/shards/${shard}/`,
} as const;

/** Library keys that are only ever created, or swapped for what was read (`*` stands for anything, slashes too): the bucket refuses the rest. */
export const LASTING_KEYS = [
  'subjects/*',
  'campaigns/*',
  'models/*',
  'jobs/*/job.json',
  'jobs/*/claim.json',
  'jobs/*/result.json',
] as const;

/** Files below `libraryKeys.version`. */
export const VERSION_FILES = {
  adapter: 'adapter.safetensors',
  report: 'report.json',
  recipe: 'recipe.json',
  preview: 'preview.png',
} as const;

/** What an intake key is, by its shape alone. */
export function readIntakeKey(
  key: string,
):
  | { is: 'manifest'; subject: string }
  | { is: 'reference'; subject: string; file: string }
  | { is: 'campaign'; campaign: string; extension: 'yaml' | 'csv' }
  | { is: 'unknown' } {
  const slug = '[a-z0-9]+(?:-[a-z0-9]+)*';
  const subjectFile = new RegExp(`^subjects/(${slug})/([A-Za-z0-9][A-Za-z0-9._-]*)$`).exec(key);
  if (subjectFile) {
    const [, subject = '', file = ''] = subjectFile;
    return file === MANIFEST_FILE ? { is: 'manifest', subject } : { is: 'reference', subject, file };
  }
  const campaignFile = new RegExp(`^campaigns/(${slug})\\.(yaml|csv)$`).exec(key);
  if (campaignFile) {
    const [, campaign = '', extension = ''] = campaignFile;
    return { is: 'campaign', campaign, extension: extension as 'yaml' | 'csv' };
  }
  return { is: 'unknown' };
}

/** The campaign and cell of a variant’s picture, or undefined for any other key. */
export function readVariantKey(key: string): { campaign: string; cell: string } | undefined {
  const match = /^campaigns\/([a-z0-9-]+)\/variants\/(cell_[0-9a-f]{24})\.png$/.exec(key);
  return match ? { campaign: match[1] ?? '', cell: match[2] ?? '' } : undefined;
}
