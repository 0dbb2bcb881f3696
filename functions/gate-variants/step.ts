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
import { wantsLarge, writeLarge } from './large.ts';
import { scoreVariant } from './scores.ts';

const MAX_BYTES = 64_000_000;

type GatePorts = Pick<Ports, 'library' | 'state' | 'encoder' | 'enlargePicture' | 'now' | 'log'>;

/**
 * Measure one drawn picture: how like its subject it is, how like the others, and which reference it is nearest to. Then, and
 * never before, enlarge it for people to look at.
 */
export async function gateVariant(event: ObjectCreated, ports: GatePorts): Promise<void> {
  const { library, state, log } = ports;
  const { key } = event.detail.object;
  const variant = readVariantKey(key);
  if (!variant) return log('event.ignored', { key });
  const { campaign, cell } = variant;
  const row = await state.get(VariantRow, rowKeys.variant(campaign, cell));
  if (row && row.large !== 'due') return log('variant.already_gated', { campaign, cell });
  const picture = await library.read(key, MAX_BYTES);
  if (!picture) return log('variant.gone', { campaign, cell });
  const large = row ? row.large : await measureVariant(campaign, cell, picture, ports);
  // When this fails the scores are kept, and the message comes again for this alone.
  if (large === 'due') await writeLarge(campaign, cell, picture, ports);
}

/** Write the scores of a picture, and say whether its enlarged picture is due. */
async function measureVariant(
  campaign: string,
  cell: string,
  picture: Uint8Array,
  ports: GatePorts,
): Promise<VariantRow['large']> {
  const { library, state, encoder, log } = ports;
  const sidecar = await readStored(Variant, libraryKeys.variantSidecar(campaign, cell), library);
  if (!sidecar) throw new PassingError(`the sidecar of ${cell} is not there yet`);
  if (sidecar.picture.sha256 !== sha256(picture))
    throw new StoreCorruptError(`${sidecar.picture.key} is not the picture its sidecar describes`);
  const [subject] = sidecar.cell.subjects;
  if (subject === undefined) throw new StoreCorruptError(`${sidecar.picture.key} shows nobody`);
  const encoderId = await encoder.id();
  const galleries = await readGalleries(subject, encoderId, ports);
  const scores = { encoder: encoderId, ...scoreVariant(await encoder.embed(picture), subject, galleries) };
  const large = (await wantsLarge(sidecar, ports)) ? 'due' : undefined;
  const draft = { row: 'variant', campaign, cell, subject, picture: sidecar.picture, scores, large } as const;
  // Created once: the scores of a picture are those of the day it was drawn, whatever references come later.
  await state.create(VariantRow, rowKeys.variant(campaign, cell), draft);
  const { similarity, rank, ofSubjects, nearestSimilarity } = scores;
  log('variant.gated', { campaign, cell, subject, similarity, rank, ofSubjects, nearestSimilarity });
  return large;
}
