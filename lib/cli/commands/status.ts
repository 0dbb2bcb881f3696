import { type Row, StatusDocument, type WaitSeen } from '../../contracts/index.ts';
import { defineCommand } from '../command.ts';
import { campaignTable, jobTable, subjectTable } from '../tables.ts';
import { indent, since } from '../words.ts';

type Waiting = Extract<Row, { row: 'subject' | 'campaign' }>;

function waitsOf(rows: readonly Waiting[]): WaitSeen[] {
  return rows.flatMap((row) =>
    row.wait ? [{ ...row.wait, of: row.row, name: row.row === 'subject' ? row.subject : row.campaign }] : [],
  );
}

export const status = defineCommand({
  meta: { name: 'status', about: 'Show subjects, campaigns and jobs, and why each waiting thing waits' },
  args: {},
  document: StatusDocument,
  async run(_values, world) {
    const cloud = await world.cloud();
    const [subjects, campaigns, jobs, uploads] = await Promise.all([
      cloud.listRows('subject'),
      cloud.listRows('campaign'),
      cloud.listRows('job'),
      cloud.listRows('upload'),
    ]);
    return {
      document: 'status' as const,
      subjects,
      campaigns,
      jobs,
      waits: waitsOf([...subjects, ...campaigns]),
      refused: uploads.map(({ key, rejection, updatedAt }) => ({ key, ...rejection, at: updatedAt })),
    };
  },
  show({ subjects, campaigns, jobs, waits, refused }, world) {
    const failed = [...subjects, ...campaigns].filter((row) => row.failure ?? row.rejection);
    const blocks: [string, string][] = [
      ['Subjects', subjects.length > 0 ? subjectTable(subjects) : 'none'],
      ['Campaigns', campaigns.length > 0 ? campaignTable(campaigns) : 'none'],
      ['Jobs', jobs.length > 0 ? jobTable(jobs, world.now()) : 'none'],
      [
        'Waiting',
        waits
          .map((wait) => `${wait.of} ${wait.name}, for ${since(wait.since, world.now())}: ${wait.sentence}`)
          .join('\n'),
      ],
      [
        'Failed or rejected',
        failed
          .map((row) => {
            const name = row.row === 'subject' ? row.subject : row.campaign;
            return `${row.row} ${name}: ${(row.failure ?? row.rejection)?.sentence}`;
          })
          .join('\n'),
      ],
      ['Refused uploads', refused.map(({ key, sentence }) => `${key}: ${sentence}`).join('\n')],
    ];
    return blocks
      .filter(([, text]) => text !== '')
      .map(([title, text]) => `${title}\n${indent(text)}`)
      .join('\n\n');
  },
});
