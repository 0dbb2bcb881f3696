import { CampaignRow, libraryKeys, rowKeys, VariantRow } from '../../contracts/index.ts';
import { type BenchCloud, settledKeys, waitUntil } from './cloud.ts';

/** Wait until every picture of a campaign is drawn and gated, and return when the last one was, in ms since 1970. Throws the sentence of one that failed. */
export async function waitForVariants(
  { state, trace }: BenchCloud,
  campaign: string,
  seconds: number,
): Promise<number> {
  const key = rowKeys.campaign(campaign);
  const { cells } = await waitUntil(`${campaign} is drawn`, seconds, async () => {
    const row = await state.get(CampaignRow, key);
    const refusal = row?.failure ?? row?.rejection;
    if (refusal) throw new Error(`${campaign}: ${refusal.sentence}`);
    return row?.state === 'drawn' ? row : undefined;
  });
  // Told by the trace: to list the rows again and again would be most of the work.
  const prefix = libraryKeys.variants(campaign);
  await waitUntil(`${campaign} is gated`, seconds, async () =>
    settledKeys(trace(), prefix).size === cells ? true : undefined,
  );
  const variants = await state.under(VariantRow, key.pk);
  if (variants.length !== cells) throw new Error(`${campaign}: ${variants.length} of ${cells} variants have a row`);
  return Math.max(...variants.map(({ updatedAt }) => Date.parse(updatedAt)));
}
