import { CsvError, parse } from 'csv-parse/sync';
import { CampaignCsvRow, CampaignFile } from '../../lib/contracts/index.ts';
import { checkContent, readText, readYaml } from '../_rules/index.ts';
import { CallerError } from '../_shared/errors.ts';

/** Read a campaign from its YAML, or from a CSV of one row per prompt. Throws `CallerError` with a sentence that says where. */
export function readCampaign(bytes: Uint8Array, campaign: string, extension: 'yaml' | 'csv'): CampaignFile {
  const name = `${campaign}.${extension}`;
  const file =
    extension === 'yaml' ? readYaml(bytes, CampaignFile, 'campaign_invalid', name) : readCsv(bytes, campaign, name);
  if (file.campaign === campaign) return file;
  throw new CallerError(
    'campaign_invalid',
    `${name} calls its campaign ${file.campaign}; the file and the campaign must share one name.`,
  );
}

function readCsv(bytes: Uint8Array, campaign: string, name: string): CampaignFile {
  const rows = parseRows(readText(bytes, 'campaign_invalid', name), name);
  const prompts = rows.map((row, index) => {
    // An empty column means “as usual”. Row 1 is the heading.
    const filled = Object.fromEntries(Object.entries(row).filter(([, value]) => value !== ''));
    const { prompt, subjects, seeds, channels } = checkContent(
      filled,
      CampaignCsvRow,
      'campaign_invalid',
      `${name}, row ${index + 2}`,
    );
    return {
      text: prompt,
      subjects: subjects.split(/\s+/),
      ...(seeds === undefined ? {} : { seeds }),
      ...(channels === undefined ? {} : { channels: channels.split(/\s+/) }),
    };
  });
  const subjects = [...new Set(prompts.flatMap((prompt) => prompt.subjects))];
  return checkContent({ campaign, subjects, prompts }, CampaignFile, 'campaign_invalid', name);
}

function parseRows(text: string, name: string): Record<string, string>[] {
  try {
    return parse(text, { columns: true, bom: true, skip_empty_lines: true, trim: true });
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const line = typeof error.lines === 'number' ? `, line ${error.lines}` : '';
    const kind = error.code.replace(/^CSV_/, '').toLowerCase().replaceAll('_', ' ');
    throw new CallerError('campaign_invalid', `${name} is not valid CSV${line}: ${kind}.`, { cause: error });
  }
}
