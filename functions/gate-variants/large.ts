import { CampaignRow, libraryKeys, rowKeys, type Variant, VariantRow } from '../../lib/contracts/index.ts';
import type { Ports } from '../_shared/ports.ts';

/**
 * Longest side, in pixels, of a picture that is enlarged: twice the 128 of the world that the upscaler was trained on. A family
 * that draws 512 pixels and more needs it for no eye, and time and memory grow with the area: 16 times from 256 to 1,024.
 */
const LONGEST_SIDE = 256;

/** Whether people are to look at a variant enlarged: there is an upscaler, the picture is small, and its campaign did not say no. */
export async function wantsLarge(
  { campaign, cell: { width, height } }: Variant,
  { state, enlargePicture }: Pick<Ports, 'state' | 'enlargePicture'>,
): Promise<boolean> {
  if (enlargePicture === undefined || Math.max(width, height) > LONGEST_SIDE) return false;
  const row = await state.get(CampaignRow, rowKeys.campaign(campaign));
  return row?.file?.upscale ?? true;
}

/** Write the enlarged picture of a variant whose row says that it is due. One that is there stays as it is. */
export async function writeLarge(
  campaign: string,
  cell: string,
  picture: Uint8Array,
  { library, state, enlargePicture, log }: Pick<Ports, 'library' | 'state' | 'enlargePicture' | 'log'>,
): Promise<void> {
  // The stack was deployed without its upscaler since the scores were written.
  if (enlargePicture === undefined) return log('variant.not_enlarged', { campaign, cell });
  const large = await enlargePicture(picture);
  const written = await library.create(libraryKeys.largePicture(campaign, cell), large, 'image/png');
  // After the picture: whoever reads that it is written must find it.
  await state.change(
    VariantRow,
    rowKeys.variant(campaign, cell),
    (row) => row && { ...row, large: 'written' as const },
  );
  log('variant.enlarged', { campaign, cell, written, sizeBytes: large.length });
}
