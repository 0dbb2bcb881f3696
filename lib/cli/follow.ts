import type { CampaignDocument, CampaignRow, JobProgress, SubjectRow, WaitCode } from '../contracts/index.ts';
import type { Cloud } from './cloud.ts';
import type { World } from './command.ts';
import { KnownError } from './errors.ts';
import type { Step } from './progress.ts';
import { readCampaign, readJob, readProgress, readSubject } from './state.ts';

const LOOK_EVERY_MS = 1_000;
/** How long a drawn campaign may lack scores or enlarged pictures until we stop following it: the gate has failed, and alarms say so. */
const SCORES_WITHIN_MS = 180_000;
/** Waits that only a person ends. Following them further would be the hang that this product must not have. */
const STUCK: readonly WaitCode[] = ['subject_failed', 'passport_expired', 'base_model_changed'];
/** A wait from before the upload may stand for a moment: whoever mended the subject has just uploaded it again. */
const STUCK_AFTER_MS = 10_000;

type Watcher = Pick<World, 'createProgress' | 'now' | 'pause'>;

export interface Uploaded {
  campaign: string;
  /** Digest of the file that was uploaded: an older file of that name may have been drawn long ago. */
  source: string;
  /** What stands for that digest where the file was too large to be read. */
  sourceUnread?: string;
  subjects: readonly string[];
}

/** Show how a campaign and its subjects come along, until it is drawn, scored and to be looked at, or can go no further. */
export async function followCampaign(uploaded: Uploaded, cloud: Cloud, world: Watcher): Promise<CampaignDocument> {
  const progress = world.createProgress();
  let drawnAt: number | undefined;
  let stuckAt: number | undefined;
  try {
    for (;;) {
      const found = await readCampaign(cloud, uploaded.campaign);
      const now = world.now().getTime();
      if (found && isOf(found, uploaded)) {
        progress.show(await stepsOf(found, cloud));
        if (found.campaign.state === 'drawn') {
          drawnAt ??= now;
          const late = now - drawnAt > SCORES_WITHIN_MS;
          if (late || found.cells.every(({ scores, large }) => scores !== undefined && large !== 'due')) return found;
        }
        refuseEnded(found);
        if (isLeftToSchedule(found)) return found;
        stuckAt = isStuck(found) ? (stuckAt ?? now) : undefined;
        if (stuckAt !== undefined && now - stuckAt >= STUCK_AFTER_MS) throw stuck(found, cloud);
      } else {
        refuseChanged(found);
        progress.show(await stepsBefore(uploaded, cloud));
      }
      await world.pause(LOOK_EVERY_MS);
    }
  } finally {
    progress.stop();
  }
}

const isOf = ({ campaign }: CampaignDocument, { source, sourceUnread }: Uploaded): boolean =>
  campaign.source === source || campaign.source === sourceUnread;

/** A changed file of a campaign that is planned already is rejected, and the row keeps the older file. */
function refuseChanged(found: CampaignDocument | undefined): void {
  const rejection = found?.campaign.rejection;
  if (found && rejection?.code === 'campaign_changed') {
    throw new KnownError('campaign_rejected', `${found.campaign.campaign} was rejected: ${rejection.sentence}`);
  }
}

function refuseEnded({ campaign: { campaign, state, job, rejection, failure } }: CampaignDocument): void {
  if (state === 'rejected') {
    throw new KnownError(
      'campaign_rejected',
      `${campaign} was rejected: ${rejection?.sentence ?? 'no reason was kept'}`,
    );
  }
  if (state === 'failed') {
    const name = job ? ` (${job})` : '';
    throw new KnownError('campaign_failed', `${campaign} failed: ${failure?.sentence ?? 'no reason was kept'}${name}`);
  }
}

/** Its pictures come later, each time in a campaign of its own, or have come so: nothing of it is left to follow. */
const isLeftToSchedule = ({ campaign: { state, wait } }: CampaignDocument): boolean =>
  state === 'over' || (state === 'scheduled' && wait !== undefined);

const isStuck = ({ campaign: { state, wait } }: CampaignDocument): boolean =>
  state === 'waiting' && wait !== undefined && STUCK.includes(wait.code);

const stuck = ({ campaign: { campaign, wait } }: CampaignDocument, cloud: Cloud): KnownError =>
  new KnownError('campaign_stuck', `${campaign} waits for a person, in ${cloud.where}: ${wait?.sentence}`);

/** The same steps in the same order as later on, while the file has not been read. */
async function stepsBefore({ campaign, subjects }: Uploaded, cloud: Cloud): Promise<Step[]> {
  const unread = { name: campaign, words: 'uploaded, not yet read', done: 0, of: 0 };
  return [...(await subjectSteps(subjects, cloud)), unread];
}

async function stepsOf({ campaign, cells, progress }: CampaignDocument, cloud: Cloud): Promise<Step[]> {
  const subjects = await subjectSteps(campaign.file?.subjects ?? [], cloud);
  const scored = cells.filter((cell) => cell.scores !== undefined).length;
  const drawing = sum(progress);
  const drawn = campaign.state === 'drawn';
  return [
    ...subjects,
    {
      name: campaign.campaign,
      words: wordsOf(campaign, drawing),
      done: drawn ? cells.length : (drawing?.step ?? 0),
      of: drawn ? cells.length : (drawing?.of ?? 0),
      secondsLeft: drawn ? undefined : drawing?.secondsLeft,
    },
    { name: 'scores', words: `${scored} of ${cells.length} pictures scored`, done: scored, of: cells.length },
  ];
}

function wordsOf({ state, wait }: CampaignRow, drawing: JobProgress | undefined): string {
  if (state === 'waiting' && wait) return `waiting: ${wait.sentence}`;
  return state === 'rendering' ? (drawing?.phase ?? wait?.sentence ?? state) : state;
}

const subjectSteps = (names: readonly string[], cloud: Cloud): Promise<Step[]> =>
  Promise.all(names.map((name) => subjectStep(name, cloud)));

async function subjectStep(name: string, cloud: Cloud): Promise<Step> {
  const subject = (await readSubject(cloud, name))?.subject;
  if (!subject) return { name, words: 'not uploaded', done: 0, of: 0 };
  if (subject.state === 'tuned') return { name, words: `tuned, version ${subject.latestVersion}`, done: 1, of: 1 };
  const progress = await tuningProgress(subject, cloud);
  return {
    name,
    words: progress?.phase ?? subject.wait?.sentence ?? subject.state,
    done: progress?.step ?? 0,
    of: progress?.of ?? 0,
    secondsLeft: progress?.secondsLeft,
  };
}

async function tuningProgress({ job }: SubjectRow, cloud: Cloud): Promise<JobProgress | undefined> {
  const row = job === undefined ? undefined : await readJob(cloud, job);
  return row && sum(await readProgress(cloud, row));
}

/** Shards side by side: their steps add up, and the slowest says when all are done. */
function sum(shards: readonly JobProgress[]): JobProgress | undefined {
  const [first] = shards;
  if (!first) return undefined;
  const left = shards.map(({ secondsLeft }) => secondsLeft).filter((seconds) => seconds !== null);
  return {
    job: first.job,
    phase: first.phase,
    step: shards.reduce((total, { step }) => total + step, 0),
    of: shards.reduce((total, shard) => total + shard.of, 0),
    secondsLeft: left.length === 0 ? null : Math.max(...left),
  };
}
