import { ObjectCreated } from '../../lib/contracts/index.ts';
import { liveWithPictures } from '../_shared/live-pictures.ts';
import { queueHandler } from '../_shared/queue-handler.ts';
import { gateVariant } from './step.ts';

export const handler = queueHandler('gate-variants', ObjectCreated, (event, log) =>
  gateVariant(event, liveWithPictures(log)),
);
