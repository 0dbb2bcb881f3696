import type { z } from 'zod';
import {
  type CampaignFile,
  type CampaignPlanned,
  CampaignRow,
  JobRow,
  libraryKeys,
  rowKeys,
  SubjectRow,
} from '../../lib/contracts/index.ts';
import { passportWait, type Reason, waitFor } from '../_rules/index.ts';
import { StoreCorruptError } from '../_shared/errors.ts';
import type { Ports } from '../_shared/ports.ts';
import { dispatch } from './dispatch.ts';

/** Submit the drawing of a planned campaign. */
export async function startRender(
  { campaign, job }: z.infer<typeof CampaignPlanned>,
  ports: Pick<Ports, 'library' | 'state' | 'batch' | 'now' | 'log'>,
): Promise<void> {
  const { state, now, log } = ports;
  const key = rowKeys.campaign(campaign);
  const row = await state.get(CampaignRow, key);
  if (!row?.file || !isToBeDrawn(row, job)) {
    return log('render.not_started', { campaign, jobId: job, state: row?.state });
  }
  const intent = await state.get(JobRow, rowKeys.job(job));
  if (!intent) throw new StoreCorruptError(`campaign ${campaign} is planned as ${job}, which has no row`);
  // Also of a campaign that is being drawn: a job that found no spot machine is intended once more.
  const expired = intent.state === 'intended' ? await findExpired(row.file, ports) : undefined;
  if (expired) {
    await state.change(CampaignRow, key, async (before) => {
      // Another may have submitted it a moment ago, while the passport was valid: then it is drawn.
      const asked = await state.get(JobRow, rowKeys.job(job));
      if (!before || !isToBeDrawn(before, job) || asked?.state !== 'intended') return undefined;
      return { ...before, state: 'waiting' as const, wait: waitFor(expired, before.wait, now()) };
    });
    return log('render.not_started', { campaign, jobId: job, code: expired.code });
  }
  const output = libraryKeys.variants(campaign);
  const plan = libraryKeys.plan(campaign);
  const reached = await dispatch({ job, verb: 'render', campaign, plan, shards: intent.shards, output }, ports);
  if (reached !== 'submitted') return;
  const wait: Reason = { code: 'rendering', sentence: `${row.cells} pictures are being drawn.` };
  // From `planned` only: the job may have ended already, and what record-job wrote stays.
  await state.change(CampaignRow, key, (before) =>
    before?.state === 'planned'
      ? { ...before, state: 'rendering' as const, wait: waitFor(wait, before.wait, now()) }
      : undefined,
  );
}

const isToBeDrawn = (row: CampaignRow, job: string): boolean =>
  row.job === job && (row.state === 'planned' || row.state === 'rendering');

/** The first subject whose passport is not valid today. Days may lie between a plan and its start, and hours before its second. */
async function findExpired(
  file: CampaignFile,
  { state, now }: Pick<Ports, 'state' | 'now'>,
): Promise<Reason | undefined> {
  for (const subject of file.subjects) {
    const row = await state.get(SubjectRow, rowKeys.subject(subject));
    const expired = row?.manifest && passportWait(subject, row.manifest.passport, now());
    if (expired) return expired;
  }
  return undefined;
}
