import type { BaseModelRef, SubjectRow, VersionRow } from '../../lib/contracts/index.ts';
import { passportWait, type Reason } from '../_rules/index.ts';

/** Why a subject cannot be drawn now, or undefined when it can. */
export function subjectWait(
  subject: string,
  row: SubjectRow | undefined,
  version: VersionRow | undefined,
  baseModel: BaseModelRef,
  now: Date,
): Reason | undefined {
  switch (row?.state) {
    case undefined:
      return {
        code: 'subject_unknown',
        sentence: `There is no subject ${subject} yet; upload its pictures and its subject.yaml.`,
      };
    case 'waiting':
      return { code: 'subject_not_ready', sentence: row.wait?.sentence ?? `${subject} is not ready to be tuned.` };
    case 'ready':
      return { code: 'subject_not_tuned', sentence: `${subject} is complete; its tuning is about to be submitted.` };
    case 'tuning':
      return { code: 'tuning', sentence: `Version ${row.latestVersion} of ${subject} is being tuned.` };
    case 'failed':
      return { code: 'subject_failed', sentence: `The tuning of ${subject} failed: ${row.failure?.sentence}` };
    case 'tuned':
  }
  if (version?.baseModel !== baseModel.digest) {
    const sentence = `${subject} was tuned for another base model than ${baseModel.name}; upload its subject.yaml again.`;
    return { code: 'base_model_changed', sentence };
  }
  return row.manifest && passportWait(subject, row.manifest.passport, now);
}
