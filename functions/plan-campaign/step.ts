import type { PlanRequest } from '../../lib/contracts/index.ts';
import { wakeCampaigns } from '../_rules/index.ts';
import type { Ports } from '../_shared/ports.ts';
import { keepSchedule } from './keep-schedule.ts';
import { planWhenReady } from './plan-when-ready.ts';
import { takeFile } from './take-file.ts';
import { takeTick } from './take-tick.ts';

type PlanPorts = Pick<Ports, 'intake' | 'library' | 'state' | 'queues' | 'schedules' | 'settings' | 'now' | 'log'>;

/** Turn a campaign file into a plan, as soon as every subject in it is tuned; one with a schedule, at each of its times. */
export async function planCampaign(request: PlanRequest, ports: PlanPorts): Promise<void> {
  if ('detail-type' in request) {
    const campaign = await takeFile(request.detail.object.key, ports);
    if (!campaign) return;
    await keepSchedule(campaign, ports);
    return planWhenReady(campaign, ports);
  }
  if (request.event === 'campaign.due') {
    const campaign = await takeTick(request, ports);
    return campaign ? planWhenReady(campaign, ports) : undefined;
  }
  // One message for each campaign: one that fails does not hold up the others.
  if (request.event === 'subject.tuned') return wakeCampaigns(request.subject, ports);
  await keepSchedule(request.campaign, ports);
  return planWhenReady(request.campaign, ports);
}
