import {
  CampaignRow,
  ReferenceRow,
  type Row,
  readIntakeKey,
  rowKeys,
  SubjectRow,
  UploadRow,
} from '../../lib/contracts/index.ts';
import type { Listed } from '../_shared/ports.ts';
import { createdEvent } from './created-event.ts';
import { isSettled, lookBackFrom, type SweepPorts } from './settled.ts';

/** Uploads whose event was lost: no row tells of them, or only of what lay there before. Return how many were announced again. */
export async function sweepUploads({ intake, state, queues, now, log }: SweepPorts): Promise<number> {
  let found = 0;
  for (const upload of await intake.list('', lookBackFrom(now()))) {
    if (!isSettled(upload.writtenAt, now()) || (await isKnown(upload, state))) continue;
    const event = createdEvent(intake.bucket, upload, now());
    // As the rules of the bucket's events would have sent it.
    await (upload.key.startsWith('campaigns/') ? queues.campaigns(event) : queues.uploads(event));
    log('upload.announced_again', { writtenAt: upload.writtenAt.toISOString() });
    found += 1;
  }
  return found;
}

async function isKnown({ key, writtenAt }: Listed, state: SweepPorts['state']): Promise<boolean> {
  const row = await findRow(key, state);
  // A second upload of the same bytes leaves its row as it was, and is announced until it is a day old: nothing comes of that.
  return row !== undefined && new Date(row.updatedAt) >= writtenAt;
}

async function findRow(key: string, state: SweepPorts['state']): Promise<Pick<Row, 'updatedAt'> | undefined> {
  const upload = readIntakeKey(key);
  const refused = await state.get(UploadRow, rowKeys.upload(key));
  if (upload.is === 'unknown' || refused) return refused;
  if (upload.is === 'campaign') return state.get(CampaignRow, rowKeys.campaign(upload.campaign));
  if (upload.is === 'reference') return state.get(ReferenceRow, rowKeys.reference(upload.subject, upload.file));
  const subject = await state.get(SubjectRow, rowKeys.subject(upload.subject));
  return (subject?.manifest ?? subject?.rejection) ? subject : undefined;
}
