import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import { z } from 'zod';
import { CampaignDocument, intakeKeys, sizeAsSource, UploadDocument } from '../../contracts/index.ts';
import { campaignText } from '../campaign-text.ts';
import { defineCommand } from '../command.ts';
import { followCampaign } from '../follow.ts';
import { readCampaignFile } from '../manifest.ts';

const digest = (bytes: Uint8Array | string): string => createHash('sha256').update(bytes).digest('hex');

export const campaignRun = defineCommand({
  meta: {
    name: 'campaign run',
    about:
      'Check a campaign file, upload it, and follow it until every picture is drawn and scored (Ctrl-C stops the following only)',
  },
  args: {
    file: { type: 'positional', about: 'campaign.yaml, or a .csv with a row for each prompt' },
    wait: { type: 'flag', byDefault: true, about: 'leave once the file is uploaded' },
  },
  document: z.union([UploadDocument, CampaignDocument]),
  async run({ file, wait }, world) {
    const { campaign, subjects, extension, body } = readCampaignFile(resolve(world.folder, file));
    const cloud = await world.cloud();
    const key = intakeKeys.campaign(campaign, extension);
    await cloud.upload(key, body, extension === 'csv' ? 'text/csv' : 'application/yaml');
    world.tell(`uploaded ${key}`);
    if (!wait) return { document: 'upload' as const, of: 'campaign' as const, name: campaign, keys: [key] };
    return followCampaign(
      { campaign, subjects, source: digest(body), sourceUnread: digest(sizeAsSource(body.length)) },
      cloud,
      world,
    );
  },
  show: (document, world) =>
    document.document === 'upload'
      ? `${document.name} is uploaded. \`troupe campaign show ${document.name}\` says how far it is.`
      : campaignText(document, world.now()),
});
