import { rowKeys, UploadRow } from '../../lib/contracts/index.ts';
import { sha256 } from '../_shared/hash.ts';
import type { Ports } from '../_shared/ports.ts';

/** Keep a record of an upload that belongs to nothing, so that its owner can read why nothing came of it. */
export async function rejectUnknownKey(key: string, { state, log }: Pick<Ports, 'state' | 'log'>): Promise<void> {
  const sentence =
    'Uploads are subjects/<subject>/<picture>, subjects/<subject>/subject.yaml or campaigns/<campaign>.yaml or .csv; ' +
    'names are lowercase words joined by single hyphens.';
  await state.create(UploadRow, rowKeys.upload(sha256(key)), {
    row: 'upload',
    key,
    rejection: { code: 'unknown_key', sentence },
  });
  log('upload.rejected', { code: 'unknown_key' });
}
