import { FileName, type ObjectCreated, readIntakeKey, Slug } from '../../lib/contracts/index.ts';
import { rejectUnknownKey } from '../_rules/index.ts';
import { takeManifest } from './take-manifest.ts';
import { type ReferencePorts, takeReference } from './take-reference.ts';

/**
 * Take what somebody uploaded for a subject: its manifest or one of its pictures. It ends accepted, or rejected with a reason.
 * The event only says that something happened to a key: what counts is what lies there now.
 */
export async function ingestUpload(event: ObjectCreated, ports: ReferencePorts): Promise<void> {
  const { key } = event.detail.object;
  const upload = readIntakeKey(key);
  if (upload.is === 'manifest' && isName(Slug, upload.subject)) return takeManifest(key, upload.subject, ports);
  if (upload.is === 'reference' && isName(Slug, upload.subject) && isName(FileName, upload.file)) {
    return takeReference(key, upload.subject, upload.file, ports);
  }
  return rejectUnknownKey(key, ports);
}

/** A key may have the shape of a name and still be too long for one. */
const isName = (contract: typeof Slug | typeof FileName, name: string): boolean => contract.safeParse(name).success;
