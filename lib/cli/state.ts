import {
  type CampaignDocument,
  type CellSeen,
  JobProgress,
  type JobRow,
  libraryKeys,
  Plan,
  rowKeys,
  type SubjectDocument,
  type VariantRow,
} from '../contracts/index.ts';
import type { Cloud } from './cloud.ts';
import { KnownError } from './errors.ts';

/** What is known of one subject, or undefined when nobody has uploaded anything of that name. */
export async function readSubject(cloud: Cloud, name: string): Promise<SubjectDocument | undefined> {
  const rows = await cloud.readPartition(rowKeys.subject(name).pk);
  const subject = rows.find((row) => row.row === 'subject');
  if (!subject) return undefined;
  return {
    document: 'subject',
    subject,
    references: rows.filter((row) => row.row === 'reference').map(({ vector: _vector, ...reference }) => reference),
    versions: rows.filter((row) => row.row === 'version'),
  };
}

export async function readJob(cloud: Cloud, job: string): Promise<JobRow | undefined> {
  return (await cloud.readPartition(rowKeys.job(job).pk)).find((row) => row.row === 'job');
}

/** How far a job is: one progress file, or one per shard. Shards that have not begun have none. */
export async function readProgress(
  cloud: Cloud,
  { job, shards }: Pick<JobRow, 'job' | 'shards'>,
): Promise<JobProgress[]> {
  const files = await Promise.all(
    Array.from({ length: shards }, (_, shard) =>
      cloud.readLibrary(`${libraryKeys.jobState(job, shard, shards)}progress.json`),
    ),
  );
  return files.filter((file) => file !== undefined).map((file) => JobProgress.parse(parseJson(file)));
}

export const parseJson = (bytes: Uint8Array): unknown => JSON.parse(Buffer.from(bytes).toString('utf8'));

export async function readPlan(cloud: Cloud, campaign: string): Promise<Plan | undefined> {
  const file = await cloud.readLibrary(libraryKeys.plan(campaign));
  return file && Plan.parse(parseJson(file));
}

/** Everything about one campaign: its row, every planned cell with its scores, and its job. */
export async function readCampaign(cloud: Cloud, name: string): Promise<CampaignDocument | undefined> {
  const rows = await cloud.readPartition(rowKeys.campaign(name).pk);
  const campaign = rows.find((row) => row.row === 'campaign');
  if (!campaign) return undefined;
  const variants = rows.filter((row) => row.row === 'variant');
  const job = campaign.job === undefined ? undefined : await readJob(cloud, campaign.job);
  const plan = await readPlan(cloud, name);
  return {
    document: 'campaign',
    campaign,
    cells: cellsSeen(plan, variants),
    ...(job && { job }),
    progress: job ? await readProgress(cloud, job) : [],
  };
}

function cellsSeen(plan: Plan | undefined, variants: readonly VariantRow[]): CellSeen[] {
  const byCell = new Map(variants.map((variant) => [variant.cell, variant]));
  return (plan?.cells ?? []).map((cell) => {
    const variant = byCell.get(cell.cell);
    if (variant === undefined) return cell;
    const { picture, scores, large } = variant;
    return { ...cell, picture: picture.sha256, scores, ...(large && { large }) };
  });
}

export async function needSubject(cloud: Cloud, name: string): Promise<SubjectDocument> {
  const found = await readSubject(cloud, name);
  if (found) return found;
  throw new KnownError(
    'subject_unknown',
    `There is no subject ${name} in ${cloud.where}. \`troupe subject list\` lists them.`,
  );
}

export async function needCampaign(cloud: Cloud, name: string): Promise<CampaignDocument> {
  const found = await readCampaign(cloud, name);
  if (found) return found;
  throw new KnownError(
    'campaign_unknown',
    `There is no campaign ${name} in ${cloud.where}. \`troupe status\` lists them.`,
  );
}
