import {
  Job,
  type JobRow,
  libraryKeys,
  rowKeys,
  SubjectReport,
  SubjectRow,
  type TuneJob,
  VERSION_FILES,
  VersionRow,
} from '../../lib/contracts/index.ts';
import { readStored, wakeCampaigns } from '../_rules/index.ts';
import { StoreCorruptError } from '../_shared/errors.ts';
import type { Ports } from '../_shared/ports.ts';
import type { Ended } from './verdict.ts';

type RecordPorts = Pick<Ports, 'library' | 'state' | 'queues' | 'log'>;

/** Record a tuning: the version it made, where its subject stands now, and the news. */
export async function recordTuning({ job }: JobRow, verdict: Ended, ports: RecordPorts): Promise<void> {
  const { library, state, queues, log } = ports;
  const asked = await readStored(Job, libraryKeys.job(job), library);
  if (asked?.verb !== 'tune') throw new StoreCorruptError(`${job} has no job file that asks for a tuning`);
  const { subject, version } = asked;
  // The version’s row before the subject’s: who finds a tuned subject finds its version.
  if (verdict.is === 'done') await recordVersion(asked, ports);
  const row = await state.change(SubjectRow, rowKeys.subject(subject), (before) => {
    // Not when the set changed meanwhile: then a newer tuning is being asked for, and it decides.
    if (before?.job !== job || before.state !== 'tuning') return undefined;
    const draft = { ...before, wait: undefined, failure: undefined };
    return verdict.is === 'done'
      ? { ...draft, state: 'tuned' as const }
      : { ...draft, state: 'failed' as const, failure: verdict.failure };
  });
  if (row?.job !== job) return log('subject.superseded', { subject, version, jobId: job });
  // Announced whenever this is reached: whoever wrote the row may have died before this line.
  if (row.state === 'tuned') {
    await queues.campaigns({ event: 'subject.tuned', subject, version });
    log('subject.tuned', { subject, version, jobId: job });
  }
  if (row.state === 'failed') await wakeCampaigns(subject, ports);
}

async function recordVersion(
  { job, subject, version, token, output }: TuneJob,
  { library, state }: RecordPorts,
): Promise<void> {
  const report = await readStored(SubjectReport, `${output}${VERSION_FILES.report}`, library);
  if (!report) throw new StoreCorruptError(`${job} is done and has written no report at ${output}`);
  const { adapter, recipe, recipeHash, references } = report;
  await state.create(VersionRow, rowKeys.version(subject, version), {
    ...{ row: 'version', subject, version, job, token, adapter, recipeHash, references },
    ...{ method: recipe.method, baseModel: recipe.baseModel.digest },
  });
}
