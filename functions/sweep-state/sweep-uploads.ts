import {
  CampaignRow,
  ReferenceRow,
  type Row,
  readIntakeKey,
  rowKeys,
  SubjectRow,
  UploadRow,
} from '../../lib/contracts/index.ts';
import { sha256 } from '../_shared/hash.ts';
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

async function isKnown({ key, writtenAt, etag }: Listed, state: SweepPorts['state']): Promise<boolean> {
  // A second upload of the same bytes leaves these rows as they were, and is announced until it is a day old: nothing comes of that.
  const writtenSince = (row: Pick<Row, 'updatedAt'> | undefined) =>
    row !== undefined && new Date(row.updatedAt) >= writtenAt;
  const upload = readIntakeKey(key);
  const refused = await state.get(UploadRow, rowKeys.upload(sha256(key)));
  if (upload.is === 'unknown' || refused) return writtenSince(refused);
  if (upload.is === 'reference')
    return writtenSince(await state.get(ReferenceRow, rowKeys.reference(upload.subject, upload.file)));
  // These rows are written for many reasons: only what was read tells.
  if (upload.is === 'campaign') {
    const campaign = await state.get(CampaignRow, rowKeys.campaign(upload.campaign));
    return campaign?.fileEtags?.[upload.extension] === etag;
  }
  const subject = await state.get(SubjectRow, rowKeys.subject(upload.subject));
  return subject?.manifestEtag === etag;
}
