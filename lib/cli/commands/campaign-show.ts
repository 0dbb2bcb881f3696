import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { CampaignDocument } from '../../contracts/index.ts';
import { campaignText } from '../campaign-text.ts';
import { defineCommand } from '../command.ts';
import { collectSheet } from '../contact-sheet.ts';
import { sheetHtml } from '../contact-sheet-html.ts';
import { KnownError } from '../errors.ts';
import { needCampaign } from '../state.ts';

export const campaignShow = defineCommand({
  meta: { name: 'campaign show', about: 'Show a campaign: its pictures with their scores, and what it waits for' },
  args: {
    name: { type: 'positional', about: 'name of the campaign' },
    sheet: { type: 'text', value: 'file', about: 'also write its contact sheet, a .html or a .png file' },
  },
  document: CampaignDocument,
  async run({ name, sheet }, world) {
    if (sheet !== undefined && !/\.(html|png)$/.test(sheet)) {
      throw new KnownError('usage', `--sheet ${sheet}: a contact sheet is a .html or a .png file.`);
    }
    const cloud = await world.cloud();
    const found = await needCampaign(cloud, name);
    if (sheet !== undefined) {
      const path = resolve(world.folder, sheet);
      // Loaded when asked for: the picture library takes longer to load than everything else here.
      const { sheetPng } = await import('../contact-sheet-png.ts');
      const content = await collectSheet(cloud, found);
      writeFileSync(path, sheet.endsWith('.png') ? await sheetPng(content) : sheetHtml(content));
      world.tell(`wrote ${path}`);
    }
    return found;
  },
  show: (document, world) => campaignText(document, world.now()),
});
