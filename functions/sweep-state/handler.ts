import { SweepDue } from '../../lib/contracts/index.ts';
import { live } from '../_shared/live.ts';
import { queueHandler } from '../_shared/queue-handler.ts';
import { sweepState } from './step.ts';

export const handler = queueHandler('sweep-state', SweepDue, (due, log) => sweepState(due, live(log)));
