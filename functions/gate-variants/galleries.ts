import { ReferenceRow, rowKeys, SubjectRow } from '../../lib/contracts/index.ts';
import { decodeVector } from '../_rules/index.ts';
import type { Ports } from '../_shared/ports.ts';
import { type Gallery, type GalleryPicture, makeGallery } from './scores.ts';

type GalleryPorts = Pick<Ports, 'state' | 'now'>;

/** How long one look at the account serves: thousands of pictures of one campaign need not list all subjects each. */
const KEEP_SECONDS = 60;

/** What a warm function knows of the account, by the state it was read from. */
const looks = new WeakMap<Ports['state'], { encoder: string; at: number; galleries: Promise<Gallery[]> }>();

/**
 * The references of every subject of the account, as vectors of this encoder: those that the subject’s manifest names, and
 * of no other encoder, since vectors of two encoders have nothing in common. The subject’s own are the newest; those of the
 * others may be a minute old, as the index that lists them may lag anyway.
 */
export async function readGalleries(subject: string, encoder: string, ports: GalleryPorts): Promise<Gallery[]> {
  const { pk } = rowKeys.subject(subject);
  const row = await ports.state.get(SubjectRow, rowKeys.subject(subject));
  const own = row ? galleriesOf([row], await ports.state.under(ReferenceRow, pk), encoder) : [];
  return [...own, ...(await lookAround(encoder, ports)).filter((gallery) => gallery.subject !== subject)];
}

function lookAround(encoder: string, { state, now }: GalleryPorts): Promise<Gallery[]> {
  const known = looks.get(state);
  const at = now().getTime();
  if (known?.encoder === encoder && Math.abs(at - known.at) < KEEP_SECONDS * 1_000) return known.galleries;
  const galleries = listGalleries(encoder, state);
  looks.set(state, { encoder, at, galleries });
  // One that failed tells nothing to those who come later.
  galleries.catch(() => looks.delete(state));
  return galleries;
}

const listGalleries = async (encoder: string, state: Ports['state']): Promise<Gallery[]> =>
  galleriesOf(await state.list(SubjectRow), await state.list(ReferenceRow), encoder);

function galleriesOf(subjects: readonly SubjectRow[], references: readonly ReferenceRow[], encoder: string): Gallery[] {
  const bySubject = Map.groupBy(references, (reference) => reference.subject);
  return subjects.flatMap(({ subject, manifest }) => {
    const listed = new Set(manifest?.references);
    const [first, ...rest] = (bySubject.get(subject) ?? [])
      .filter((one) => listed.has(one.file) && one.encoder === encoder)
      .flatMap(({ picture, vector }): GalleryPicture[] =>
        picture && vector ? [{ sha256: picture.sha256, vector: decodeVector(vector) }] : [],
      );
    return first ? [makeGallery(subject, [first, ...rest])] : [];
  });
}
