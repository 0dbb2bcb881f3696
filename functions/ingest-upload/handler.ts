import { ObjectCreated } from '../../lib/contracts/index.ts';
import { liveWithPictures } from '../_shared/live-pictures.ts';
import { queueHandler } from '../_shared/queue-handler.ts';
import { ingestUpload } from './step.ts';

export const handler = queueHandler('ingest-upload', ObjectCreated, (event, log) =>
  ingestUpload(event, liveWithPictures(log)),
);
