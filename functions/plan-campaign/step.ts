import type { PlanRequest } from '../../lib/contracts/index.ts';
import { wakeCampaigns } from '../_rules/index.ts';
import type { Ports } from '../_shared/ports.ts';
import { planWhenReady } from './plan-when-ready.ts';
import { takeFile } from './take-file.ts';

/** Turn a campaign file into a plan, as soon as every subject in it is tuned. */
export async function planCampaign(
  request: PlanRequest,
  ports: Pick<Ports, 'intake' | 'library' | 'state' | 'queues' | 'settings' | 'now' | 'log'>,
): Promise<void> {
  if ('detail-type' in request) {
    const campaign = await takeFile(request.detail.object.key, ports);
    return campaign ? planWhenReady(campaign, ports) : undefined;
  }
  // One message for each campaign: one that fails does not hold up the others.
  if (request.event === 'subject.tuned') return wakeCampaigns(request.subject, ports);
  return planWhenReady(request.campaign, ports);
}
