import { type JobRow, StatusDocument } from '../../contracts/index.ts';
import type { Cloud } from '../cloud.ts';
import { defineCommand } from '../command.ts';
import { readProgress } from '../state.ts';
import { campaignTable, jobTable, subjectTable } from '../tables.ts';
import { type OpenJob, waitsOf } from '../waits.ts';
import { indent, since } from '../words.ts';

/** The jobs that are not over, with what Batch says of them and how far their workers are. */
async function lookAtJobs(jobs: readonly JobRow[], cloud: Cloud): Promise<OpenJob[]> {
  const open = jobs.filter(({ state }) => state === 'intended' || state === 'submitted');
  const seen = await cloud.describeJobs(open.flatMap(({ batchJob }) => batchJob ?? []));
  return Promise.all(
    open.map(async (row) => {
      const batch = seen.get(row.batchJob ?? '');
      return { row, batch, progress: batch?.status === 'RUNNING' ? await readProgress(cloud, row) : [] };
    }),
  );
}

export const status = defineCommand({
  meta: {
    name: 'status',
    about: 'Show subjects, campaigns and jobs, why each waiting thing waits, and what happens next',
  },
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
      waits: waitsOf(subjects, campaigns, await lookAtJobs(jobs, cloud), world.now()),
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
          .map(({ of, name, sentence, next, ...wait }) => {
            return `${of} ${name}, for ${since(wait.since, world.now())}: ${sentence} ${next}`;
          })
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
