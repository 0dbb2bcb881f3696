import { CampaignRow, libraryKeys, readVariantKey, rowKeys, VariantRow } from '../../lib/contracts/index.ts';
import { createdEvent } from './created-event.ts';
import { isSettled, lookBackFrom, type SweepPorts } from './settled.ts';

/** Pictures that were drawn and never scored, or whose enlarged picture is still due, of campaigns of the last day. */
export async function sweepVariants({ library, state, queues, now }: SweepPorts): Promise<number> {
  let found = 0;
  const since = lookBackFrom(now());
  for (const row of await state.list(CampaignRow)) {
    if (row.state !== 'drawn' || new Date(row.updatedAt) < since || !isSettled(row.updatedAt, now())) continue;
    const variants = await state.under(VariantRow, rowKeys.campaign(row.campaign).pk);
    const done = new Set(variants.filter(({ large }) => large !== 'due').map(({ cell }) => cell));
    if (done.size >= row.cells) continue;
    for (const object of await library.list(libraryKeys.variants(row.campaign), new Date(0))) {
      const variant = readVariantKey(object.key);
      if (!variant || done.has(variant.cell)) continue;
      await queues.variants(createdEvent(library.bucket, object, now()));
      found += 1;
    }
  }
  return found;
}
