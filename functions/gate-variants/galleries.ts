import { ReferenceRow, rowKeys, SubjectRow } from '../../lib/contracts/index.ts';
import { decodeVector } from '../_rules/index.ts';
import type { Ports } from '../_shared/ports.ts';
import type { Gallery } from './scores.ts';

/**
 * The references of every subject of the account, as vectors of this encoder: those that the subject’s manifest names, and
 * of no other encoder, since vectors of two encoders have nothing in common.
 */
export async function readGalleries(subject: string, encoder: string, state: Ports['state']): Promise<Gallery[]> {
  const { pk } = rowKeys.subject(subject);
  // The index may lag; for the subject itself the newest rows are read.
  const [own, ownReferences] = [
    await state.get(SubjectRow, rowKeys.subject(subject)),
    await state.under(ReferenceRow, pk),
  ];
  const others = (await state.list(SubjectRow)).filter((row) => row.subject !== subject);
  const references = [...ownReferences, ...(await state.list(ReferenceRow)).filter((row) => row.subject !== subject)];
  return [...(own ? [own] : []), ...others].flatMap((row) => {
    const listed = new Set(row.manifest?.references);
    const [first, ...rest] = references
      .filter((one) => one.subject === row.subject && listed.has(one.file) && one.encoder === encoder)
      .flatMap(({ picture, vector }) =>
        picture && vector ? [{ sha256: picture.sha256, vector: decodeVector(vector) }] : [],
      );
    return first ? [{ subject: row.subject, references: [first, ...rest] }] : [];
  });
}
