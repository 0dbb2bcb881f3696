import { JobRow, libraryKeys, ReferenceRow, rowKeys, SubjectRow, type TuneJob } from '../../lib/contracts/index.ts';
import { passportWait, type Reason, type TuneRequest, tuningSetOf, waitFor, wakeCampaigns } from '../_rules/index.ts';
import { jobIdOf } from '../_shared/hash.ts';
import type { Draft, Ports } from '../_shared/ports.ts';
import { dispatch } from './dispatch.ts';

type TuningPorts = Pick<Ports, 'library' | 'state' | 'queues' | 'batch' | 'settings' | 'now' | 'log'>;
type SubjectDraft = Draft<typeof SubjectRow>;

/** Submit the tuning of a subject’s set as it is now, under the version number that is reserved for it. */
export async function startTuning(subject: string, ports: TuningPorts): Promise<void> {
  const { state, log } = ports;
  const key = rowKeys.subject(subject);
  let request: TuneRequest | undefined;
  // The number is taken before anything is submitted: two sets that follow each other never write the same version.
  const row = await state.change(SubjectRow, key, async (before) => {
    if (!before) return undefined;
    const reserved = await reserve(before, ports);
    request = reserved.request;
    return reserved.row;
  });
  if (row?.state !== 'tuning' || !request) {
    log('tuning.not_started', { subject, state: row?.state, code: row?.wait?.code });
  } else {
    await dispatch(jobOf(request, row.latestVersion), ports);
  }
  await wakeCampaigns(subject, ports);
}

async function reserve(
  row: SubjectRow,
  { state, settings, now }: TuningPorts,
): Promise<{ row: SubjectDraft; request?: TuneRequest }> {
  const waiting = (reason: Reason) => ({
    row: { ...row, state: 'waiting' as const, wait: waitFor(reason, row.wait, now()) },
  });
  const references = await state.under(ReferenceRow, rowKeys.subject(row.subject).pk);
  const set = tuningSetOf(row, references, settings.baseModel);
  if ('wait' in set) return waiting(set.wait);
  const known = row.tunedFrom === set.digest ? await findJob(row, state) : undefined;
  if (known?.state === 'done') return { row: { ...row, state: 'tuned', wait: undefined } };
  if (known?.state === 'failed') return { row: { ...row, state: 'failed', wait: undefined, failure: known.failure } };
  // Checked now, and nothing but a few writes lies between this and the submission.
  const expired = known?.state === 'submitted' ? undefined : passportWait(row.subject, set.manifest.passport, now());
  if (expired) return waiting(expired);
  const version = row.tunedFrom === set.digest && row.job ? row.latestVersion : row.latestVersion + 1;
  const { job } = jobOf(set.request, version);
  const reason: Reason = { code: 'tuning', sentence: `Version ${version} of ${row.subject} is being tuned.` };
  const wait = waitFor(reason, row.wait, now());
  const tuning: SubjectDraft = {
    ...row,
    ...{ state: 'tuning', latestVersion: version, tunedFrom: set.digest, job, wait, failure: undefined },
  };
  return { row: tuning, request: set.request };
}

const findJob = (row: SubjectRow, state: Ports['state']): Promise<JobRow | undefined> =>
  row.job ? state.get(JobRow, rowKeys.job(row.job)) : Promise.resolve(undefined);

function jobOf(request: TuneRequest, version: number): TuneJob {
  const content = { ...request, version, output: libraryKeys.version(request.subject, version) };
  return { ...content, job: jobIdOf(content) };
}
