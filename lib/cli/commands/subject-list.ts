import { SubjectListDocument } from '../../contracts/index.ts';
import { defineCommand } from '../command.ts';
import { subjectTable } from '../tables.ts';

export const subjectList = defineCommand({
  meta: { name: 'subject list', about: 'List all subjects' },
  args: {},
  document: SubjectListDocument,
  async run(_values, world) {
    const cloud = await world.cloud();
    return { document: 'subjects' as const, subjects: await cloud.listRows('subject') };
  },
  show: ({ subjects }) =>
    subjects.length === 0
      ? 'There are no subjects. `troupe subject add <folder>` uploads one.'
      : subjectTable(subjects),
});
