import { PlanRequest } from '../../lib/contracts/index.ts';
import { live } from '../_shared/live.ts';
import { queueHandler } from '../_shared/queue-handler.ts';
import { planCampaign } from './step.ts';

export const handler = queueHandler('plan-campaign', PlanRequest, (request, log) => planCampaign(request, live(log)));
