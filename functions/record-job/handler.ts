import { BatchJobStateChange } from '../../lib/contracts/index.ts';
import { live } from '../_shared/live.ts';
import { queueHandler } from '../_shared/queue-handler.ts';
import { recordJob } from './step.ts';

export const handler = queueHandler('record-job', BatchJobStateChange, (event, log) => recordJob(event, live(log)));
