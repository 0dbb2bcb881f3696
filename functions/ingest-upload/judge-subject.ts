import { type ReferenceRow, ReferenceRow as References, rowKeys, SubjectRow } from '../../lib/contracts/index.ts';
import { findingsOf, passportWait, type Reason, tuningSetOf, waitFor } from '../_rules/index.ts';
import type { Draft, Ports } from '../_shared/ports.ts';

/** What the upload at hand changes, besides what follows from it. */
export type Amended = Pick<SubjectRow, 'manifest' | 'manifestEtag' | 'rejection'>;
export type Amend = (row: Amended) => Promise<Amended>;

/** Decide where a subject stands after an upload, and ask for its tuning when its set is complete. */
export async function judgeSubject(
  subject: string,
  amend: Amend,
  { state, queues, settings, now, log }: Pick<Ports, 'state' | 'queues' | 'settings' | 'now' | 'log'>,
): Promise<void> {
  const key = rowKeys.subject(subject);
  const row = await state.change(SubjectRow, key, async (before) => {
    const { manifest, manifestEtag, rejection } = await amend({
      manifest: before?.manifest,
      manifestEtag: before?.manifestEtag,
      rejection: before?.rejection,
    });
    // After the subject’s row: when two last uploads end at once, the one that writes second has seen both.
    const references = await state.under(References, key.pk);
    const asked = {
      family: settings.baseModel.family,
      kind: manifest?.kind,
      several: manifest?.concepts !== undefined,
    };
    const findings = findingsOf(namedIn(manifest, references), asked);
    const draft = { ...(before ?? newSubject(subject)), manifest, manifestEtag, rejection, findings };
    return judge(draft, references, settings, now());
  });
  if (row?.state !== 'ready') return;
  // After the row: start-job must not meet a subject that is not ready yet. Sent again on every look at a ready subject, since
  // whoever wrote the row may have died before this line; asking twice starts one job.
  await queues.tuning({ event: 'subject.ready', subject });
  log('subject.ready', { subject });
}

type SubjectDraft = Draft<typeof SubjectRow>;

/** The rows that the manifest asks for, in its order: at most as many as it may name, whatever lies beside it. */
const namedIn = (manifest: SubjectRow['manifest'], rows: readonly ReferenceRow[]): readonly ReferenceRow[] =>
  manifest?.references.flatMap((file) => rows.find((row) => row.file === file) ?? []) ?? [];

function judge(
  row: SubjectDraft,
  references: readonly ReferenceRow[],
  settings: Ports['settings'],
  now: Date,
): SubjectDraft {
  const waiting = (reason: Reason): SubjectDraft => ({
    ...row,
    state: 'waiting',
    wait: waitFor(reason, row.wait, now),
  });
  const set = tuningSetOf(row, references, settings.baseModel);
  if ('wait' in set) return waiting(set.wait);
  // The same set is tuned once. While the subject waited for something else, though, nobody was asked.
  const asked = row.tunedFrom === set.digest && ['tuning', 'tuned', 'failed'].includes(row.state);
  if (asked) return row;
  const expired = passportWait(row.subject, set.manifest.passport, now);
  if (expired) return waiting(expired);
  return { ...row, state: 'ready', wait: undefined, failure: undefined };
}

const newSubject = (subject: string): SubjectDraft => ({ row: 'subject', subject, state: 'waiting', latestVersion: 0 });
