import { CampaignRow, type JobRow, rowKeys } from '../../lib/contracts/index.ts';
import { StoreCorruptError } from '../_shared/errors.ts';
import type { Ports } from '../_shared/ports.ts';
import type { Ended } from './verdict.ts';

/** Record the drawing of a campaign: all of it is drawn, or why it is not. */
export async function recordRender(
  { job, campaign }: JobRow,
  verdict: Ended,
  { state, log }: Pick<Ports, 'state' | 'log'>,
): Promise<void> {
  if (!campaign) throw new StoreCorruptError(`${job} draws no campaign`);
  await state.change(CampaignRow, rowKeys.campaign(campaign), (before) => {
    // `planned`, too: the job may have ended before start-job wrote that it runs.
    if (before?.job !== job || (before.state !== 'planned' && before.state !== 'rendering')) return undefined;
    const draft = { ...before, wait: undefined };
    return verdict.is === 'done'
      ? { ...draft, state: 'drawn' as const }
      : { ...draft, state: 'failed' as const, failure: verdict.failure };
  });
  log(verdict.is === 'done' ? 'campaign.drawn' : 'campaign.failed', { campaign, jobId: job });
}
