import {
  CAMPAIGN_FILE_BYTES,
  CampaignRow,
  readIntakeKey,
  rowKeys,
  SCHEDULED_NAME_LENGTH,
  Slug,
  sizeAsSource,
} from '../../lib/contracts/index.ts';
import { rejectUnknownKey } from '../_rules/index.ts';
import { CallerError, ObjectTooLargeError } from '../_shared/errors.ts';
import { sha256 } from '../_shared/hash.ts';
import type { Draft, Ports } from '../_shared/ports.ts';
import { expandPictures } from './expand-pictures.ts';
import { readCampaign } from './read-campaign.ts';

type CampaignDraft = Draft<typeof CampaignRow>;

/**
 * Take a campaign file, and return the campaign’s name when there is something to plan. The same file again changes nothing.
 * Another one takes its place while nothing is planned; afterwards it is rejected, since pictures may already have been drawn.
 */
export async function takeFile(
  key: string,
  ports: Pick<Ports, 'intake' | 'state' | 'log'>,
): Promise<string | undefined> {
  const upload = readIntakeKey(key);
  if (upload.is !== 'campaign' || !Slug.safeParse(upload.campaign).success) {
    await rejectUnknownKey(key, ports);
    return undefined;
  }
  const { campaign, extension } = upload;
  const row = await ports.state.change(CampaignRow, rowKeys.campaign(campaign), async (before) => {
    const file = await readFile(key, ports.intake);
    if (!file) return undefined;
    const fileEtags = { ...before?.fileEtags, [extension]: file.etag };
    if (before?.source === file.source) {
      // The file that was planned is back in its place.
      return { ...before, fileEtags, rejection: before.state === 'rejected' ? before.rejection : undefined };
    }
    if (before?.job) return { ...before, fileEtags, rejection: CHANGED.rejection };
    return { ...draftOf(campaign, extension, file), fileEtags };
  });
  ports.log(row?.rejection ? 'campaign.rejected' : 'campaign.accepted', { campaign, code: row?.rejection?.code });
  return row && !row.rejection ? campaign : undefined;
}

export const CHANGED = new CallerError(
  'campaign_changed',
  'The campaign was planned from another file of this name; upload the changed file under a name of its own.',
);

const LONG_NAME = new CallerError(
  'campaign_invalid',
  `A campaign with a schedule has a name of at most ${SCHEDULED_NAME_LENGTH} characters: each time it is drawn is added to it.`,
);

interface Upload {
  source: string;
  etag: string;
  bytes: Uint8Array | undefined;
}

function draftOf(campaign: string, extension: 'yaml' | 'csv', { source, bytes }: Upload): CampaignDraft {
  const common = { row: 'campaign', campaign, source, cells: 0 } as const;
  try {
    if (!bytes)
      throw new CallerError(
        'file_too_large',
        `A campaign file has at most ${CAMPAIGN_FILE_BYTES} bytes; make two of it.`,
      );
    const file = readCampaign(bytes, campaign, extension);
    // Only to find what is wrong with it while its owner looks.
    expandPictures(file);
    if (file.schedule && campaign.length > SCHEDULED_NAME_LENGTH) throw LONG_NAME;
    return { ...common, state: file.schedule ? 'scheduled' : 'waiting', file };
  } catch (error) {
    if (!(error instanceof CallerError)) throw error;
    return { ...common, state: 'rejected', rejection: error.rejection };
  }
}

async function readFile(key: string, intake: Ports['intake']): Promise<Upload | undefined> {
  try {
    const taken = await intake.take(key, CAMPAIGN_FILE_BYTES);
    return taken && { source: sha256(taken.bytes), etag: taken.etag, bytes: taken.bytes };
  } catch (error) {
    if (!(error instanceof ObjectTooLargeError)) throw error;
    return { source: sha256(sizeAsSource(error.sizeBytes)), etag: error.etag, bytes: undefined };
  }
}
