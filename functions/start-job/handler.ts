import { StartRequest } from '../../lib/contracts/index.ts';
import { live } from '../_shared/live.ts';
import { queueHandler } from '../_shared/queue-handler.ts';
import { startJob } from './step.ts';

export const handler = queueHandler('start-job', StartRequest, (request, log) => startJob(request, live(log)));
