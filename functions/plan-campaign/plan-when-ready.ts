import {
  CampaignRow,
  JobRow,
  libraryKeys,
  Plan,
  rowKeys,
  SubjectRow,
  type TunedSubject,
  VersionRow,
  WaiterRow,
} from '../../lib/contracts/index.ts';
import { type Reason, readStored, waitFor } from '../_rules/index.ts';
import { CallerError, StoreCorruptError } from '../_shared/errors.ts';
import { canonicalJson, digestOf, jobIdOf } from '../_shared/hash.ts';
import type { Ports } from '../_shared/ports.ts';
import { SUBJECTS_IN_PICTURE } from '../_shared/router.ts';
import { expandPictures, type WantedPicture } from './expand-pictures.ts';
import { countShards, makePlan } from './make-plan.ts';
import { subjectWait } from './subject-wait.ts';
import { CHANGED } from './take-file.ts';

type PlanPorts = Pick<Ports, 'library' | 'state' | 'queues' | 'settings' | 'now' | 'log'>;

/** Plan a waiting campaign when every subject in it is tuned; else write down what it waits for. */
export async function planWhenReady(campaign: string, ports: PlanPorts): Promise<void> {
  const { state, now, log } = ports;
  const row = await state.get(CampaignRow, rowKeys.campaign(campaign));
  if (row?.state === 'planned') return announce(row, ports);
  if (row?.state !== 'waiting' || !row.file) return log('campaign.not_planned', { campaign, state: row?.state });
  const pictures = expandPictures(row.file);
  const looked = await lookAtSubjects(campaign, row.file.subjects, ports);
  if ('wait' in looked) {
    await changeWaiting(row, ports, (before) => ({ ...before, wait: waitFor(looked.wait, before.wait, now()) }));
    return log('campaign.waiting', { campaign, code: looked.wait.code });
  }
  try {
    checkMethods(pictures, looked.subjects);
    const plan = await settlePlan(
      makePlan(row.file, row.source, pictures, looked.subjects, ports.settings.baseModel),
      ports,
    );
    await recordPlan(row, plan, ports);
  } catch (error) {
    if (!(error instanceof CallerError)) throw error;
    await changeWaiting(row, ports, (before) => ({
      ...before,
      state: 'rejected',
      wait: undefined,
      rejection: error.rejection,
    }));
    log('campaign.rejected', { campaign, code: error.code });
  }
}

/** The subjects as they can be drawn, or what one of them still needs. */
async function lookAtSubjects(
  campaign: string,
  names: readonly string[],
  { state, settings, now }: PlanPorts,
): Promise<{ subjects: TunedSubject[] } | { wait: Reason }> {
  const subjects: TunedSubject[] = [];
  for (const subject of names) {
    // Before the subject is read: news that come after this line find the campaign, news before it are seen below.
    await state.create(WaiterRow, rowKeys.waiter(subject, campaign), { row: 'waiter', subject, campaign });
    const row = await state.get(SubjectRow, rowKeys.subject(subject));
    const version = await state.get(VersionRow, rowKeys.version(subject, row?.latestVersion ?? 0));
    const wait = subjectWait(subject, row, version, settings.baseModel, now());
    if (wait) return { wait };
    if (!version || !row?.manifest)
      throw new StoreCorruptError(`${subject} is tuned and has no version or no manifest`);
    const { method, token, recipeHash: recipe, adapter } = version;
    subjects.push({ subject, noun: row.manifest.noun, token, version: version.version, method, recipe, adapter });
  }
  return { subjects };
}

function checkMethods(pictures: readonly WantedPicture[], subjects: readonly TunedSubject[]): void {
  const crowded = pictures.find(({ subjects: shown }) =>
    subjects.some(({ subject, method }) => shown.includes(subject) && shown.length > SUBJECTS_IN_PICTURE[method]),
  );
  if (!crowded) return;
  const names = crowded.subjects.join(' and ');
  throw new CallerError(
    'campaign_invalid',
    `A prompt shows ${names} in one picture; the method they were tuned by draws one subject at a time.`,
  );
}

/** Write the plan, or take the one that somebody wrote first: a plan is never changed once pictures may follow from it. */
async function settlePlan(plan: Plan, { library }: PlanPorts): Promise<Plan> {
  const key = libraryKeys.plan(plan.campaign);
  if ((await library.create(key, Buffer.from(canonicalJson(plan)), 'application/json')) === 'created') return plan;
  const winner = await readStored(Plan, key, library);
  if (winner?.source !== plan.source) throw CHANGED;
  return winner;
}

async function recordPlan(row: CampaignRow, plan: Plan, ports: PlanPorts): Promise<void> {
  const { state, settings, log } = ports;
  const { campaign } = row;
  const cells = plan.cells.length;
  const shards = countShards(cells, settings.shardCells);
  const job = jobIdOf({ verb: 'render', campaign, plan: digestOf(plan), shards });
  // The job’s row first: the campaign names it.
  await state.create(JobRow, rowKeys.job(job), {
    row: 'job',
    job,
    verb: 'render',
    state: 'intended',
    market: 'spot',
    campaign,
    epoch: 1,
    shards,
  });
  const planned = await changeWaiting(row, ports, (before) => ({
    ...before,
    state: 'planned',
    cells,
    job,
    wait: undefined,
  }));
  log('campaign.planned', { campaign, jobId: job, cells, shards });
  if (planned?.state === 'planned') await announce(planned, ports);
}

/** Asked for again whenever a planned campaign is looked at: whoever planned it may have died before this. */
async function announce({ campaign, job }: CampaignRow, { queues }: PlanPorts): Promise<void> {
  if (job) await queues.render({ event: 'campaign.planned', campaign, job });
}

/** Change the campaign’s row as long as it still waits with the file that was looked at. */
const changeWaiting = (
  { campaign, source }: CampaignRow,
  { state }: PlanPorts,
  next: (row: CampaignRow) => Omit<CampaignRow, 'revision' | 'updatedAt'>,
): Promise<CampaignRow | undefined> =>
  state.change(CampaignRow, rowKeys.campaign(campaign), (row) =>
    row?.state === 'waiting' && row.source === source ? next(row) : undefined,
  );
