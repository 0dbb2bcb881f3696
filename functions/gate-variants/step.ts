import {
  libraryKeys,
  type ObjectCreated,
  readVariantKey,
  rowKeys,
  Variant,
  VariantRow,
} from '../../lib/contracts/index.ts';
import { readStored } from '../_rules/index.ts';
import { PassingError, StoreCorruptError } from '../_shared/errors.ts';
import { sha256 } from '../_shared/hash.ts';
import type { Ports } from '../_shared/ports.ts';
import { readGalleries } from './galleries.ts';
import { scoreVariant } from './scores.ts';

const MAX_BYTES = 64_000_000;

/** Measure one drawn picture: how like its subject it is, how like the others, and which reference it is nearest to. */
export async function gateVariant(
  event: ObjectCreated,
  ports: Pick<Ports, 'library' | 'state' | 'encoder' | 'now' | 'log'>,
): Promise<void> {
  const { library, state, encoder, log } = ports;
  const { key } = event.detail.object;
  const variant = readVariantKey(key);
  if (!variant) return log('event.ignored', { key });
  const { campaign, cell } = variant;
  const row = rowKeys.variant(campaign, cell);
  if (await state.get(VariantRow, row)) return log('variant.already_gated', { campaign, cell });
  const picture = await library.read(key, MAX_BYTES);
  if (!picture) return log('variant.gone', { campaign, cell });
  const sidecar = await readStored(Variant, libraryKeys.variantSidecar(campaign, cell), library);
  if (!sidecar) throw new PassingError(`the sidecar of ${cell} is not there yet`);
  if (sidecar.picture.sha256 !== sha256(picture))
    throw new StoreCorruptError(`${key} is not the picture its sidecar describes`);
  const [subject] = sidecar.cell.subjects;
  if (subject === undefined) throw new StoreCorruptError(`${key} shows nobody`);
  const encoderId = await encoder.id();
  const galleries = await readGalleries(subject, encoderId, ports);
  const scores = { encoder: encoderId, ...scoreVariant(await encoder.embed(picture), subject, galleries) };
  // Created once: the scores of a picture are those of the day it was drawn, whatever references come later.
  await state.create(VariantRow, row, { row: 'variant', campaign, cell, subject, picture: sidecar.picture, scores });
  const { similarity, rank, ofSubjects, nearestSimilarity } = scores;
  log('variant.gated', { campaign, cell, subject, similarity, rank, ofSubjects, nearestSimilarity });
}
