import { CampaignRow } from '../../lib/contracts/index.ts';
import { isSettled, type SweepPorts } from './settled.ts';

/**
 * Campaigns that wait are looked at again: the news that ends the wait may have been lost. So are those whose schedule was never
 * made. Those planned are started.
 */
export async function sweepCampaigns({ state, queues, now }: SweepPorts): Promise<number> {
  let found = 0;
  for (const row of await state.listOpen(CampaignRow)) {
    if (!isSettled(row.updatedAt, now())) continue;
    const { campaign, job } = row;
    if (row.state === 'waiting' || row.state === 'scheduled')
      await queues.campaigns({ event: 'campaign.waiting', campaign });
    else if (row.state === 'planned' && job) await queues.render({ event: 'campaign.planned', campaign, job });
    else continue;
    found += 1;
  }
  return found;
}
