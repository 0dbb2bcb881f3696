import {
  type CampaignDocument,
  type JobProgress,
  rowKeys,
  type SubjectRow,
  type WaitCode,
} from '../contracts/index.ts';
import type { Cloud } from './cloud.ts';
import type { World } from './command.ts';
import { KnownError } from './errors.ts';
import type { Step } from './progress.ts';
import { readCampaign, readJob, readProgress, readSubject } from './state.ts';

const LOOK_EVERY_MS = 1_000;
/** How long a drawn campaign may lack scores before we stop following it: the gate has then failed, and alarms say so. */
const SCORES_WITHIN_MS = 180_000;
/** Waits that only a person ends. Following them further would be the hang that this product must not have. */
const STUCK: readonly WaitCode[] = ['subject_failed', 'passport_expired', 'references_all_rejected'];

type Watcher = Pick<World, 'createProgress' | 'now' | 'pause'>;

export interface Uploaded {
  campaign: string;
  /** Digest of the file that was uploaded: an older file of that name may have been drawn long ago. */
  source: string;
  key: string;
  at: Date;
}

/** Show how a campaign and its subjects come along, until it is drawn and scored or can go no further. */
export async function followCampaign(uploaded: Uploaded, cloud: Cloud, world: Watcher): Promise<CampaignDocument> {
  const progress = world.createProgress();
  let drawnAt: number | undefined;
  try {
    for (;;) {
      await refuseRejected(uploaded, cloud);
      const found = await readCampaign(cloud, uploaded.campaign);
      if (found?.campaign.source === uploaded.source) {
        progress.show(await stepsOf(found, cloud));
        if (found.campaign.state === 'drawn') {
          drawnAt ??= world.now().getTime();
          const late = world.now().getTime() - drawnAt > SCORES_WITHIN_MS;
          if (late || found.cells.every((cell) => cell.scores !== undefined)) return found;
        }
        refuseEnded(found, cloud);
      } else {
        progress.show([{ name: uploaded.campaign, words: 'uploaded, not yet read', done: 0, of: 0 }]);
      }
      await world.pause(LOOK_EVERY_MS);
    }
  } finally {
    progress.stop();
  }
}

/** A file that was refused leaves its reason with the upload. */
async function refuseRejected({ key, campaign, at }: Uploaded, cloud: Cloud): Promise<void> {
  const rows = await cloud.readPartition(rowKeys.upload(key).pk);
  const refused = rows.find((row) => row.row === 'upload');
  if (refused && Date.parse(refused.updatedAt) >= at.getTime()) {
    throw new KnownError('campaign_rejected', `${campaign} was rejected: ${refused.rejection.sentence}`);
  }
}

function refuseEnded({ campaign: row }: CampaignDocument, cloud: Cloud): void {
  const name = row.campaign;
  if (row.state === 'rejected') {
    throw new KnownError(
      'campaign_rejected',
      `${name} was rejected: ${row.rejection?.sentence ?? 'no reason was kept'}`,
    );
  }
  if (row.state === 'failed') {
    const job = row.job ? ` (${row.job})` : '';
    throw new KnownError('campaign_failed', `${name} failed: ${row.failure?.sentence ?? 'no reason was kept'}${job}`);
  }
  if (row.wait && STUCK.includes(row.wait.code)) {
    throw new KnownError('campaign_stuck', `${name} waits for a person, in ${cloud.where}: ${row.wait.sentence}`);
  }
}

async function stepsOf({ campaign, cells, progress }: CampaignDocument, cloud: Cloud): Promise<Step[]> {
  const subjects = await Promise.all((campaign.file?.subjects ?? []).map((name) => subjectStep(name, cloud)));
  const scored = cells.filter((cell) => cell.scores !== undefined).length;
  const drawing = sum(progress);
  const words = campaign.wait ? `waiting: ${campaign.wait.sentence}` : (drawing?.phase ?? campaign.state);
  const drawn = campaign.state === 'drawn';
  return [
    ...subjects,
    {
      name: campaign.campaign,
      words: drawn ? 'drawn' : words,
      done: drawn ? cells.length : (drawing?.step ?? 0),
      of: drawn ? cells.length : (drawing?.of ?? 0),
      secondsLeft: drawn ? undefined : drawing?.secondsLeft,
    },
    { name: 'scores', words: `${scored} of ${cells.length} pictures scored`, done: scored, of: cells.length },
  ];
}

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
