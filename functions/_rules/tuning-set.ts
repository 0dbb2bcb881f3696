import type {
  BaseModelRef,
  ReferenceRow,
  Sha256,
  SubjectManifest,
  SubjectRow,
  TuneJob,
} from '../../lib/contracts/index.ts';
import { digestOf } from '../_shared/hash.ts';
import { chooseRecipe, SUBJECT_TOKEN } from '../_shared/router.ts';
import { nameSome, type Reason } from './waits.ts';

/** All that decides a tuning, but for the number that its version will have. */
export type TuneRequest = Omit<TuneJob, 'job' | 'version' | 'output'>;

export interface TuningSet {
  manifest: SubjectManifest;
  request: TuneRequest;
  digest: Sha256;
}

/**
 * What there is to be tuned, or what is still missing. A subject is complete when every file that its manifest names has been
 * accepted or rejected; a picture that the manifest does not name is kept but does not count, since a later manifest may name it.
 */
export function tuningSetOf(
  { subject, manifest, rejection }: Pick<SubjectRow, 'subject' | 'manifest' | 'rejection'>,
  rows: readonly ReferenceRow[],
  baseModel: BaseModelRef,
): TuningSet | { wait: Reason } {
  if (!manifest) {
    const why = rejection
      ? `the last one was refused: ${rejection.sentence}`
      : `upload it beside the pictures of ${subject}`;
    return { wait: { code: 'manifest_missing', sentence: `There is no subject.yaml for ${subject}; ${why}` } };
  }
  const byFile = new Map(rows.map((row) => [row.file, row]));
  const missing = manifest.references.filter((file) => !byFile.has(file));
  if (missing.length > 0) {
    const count = `${missing.length} of ${manifest.references.length}`;
    return {
      wait: {
        code: 'references_missing',
        sentence: `${count} references of ${subject} have not arrived: ${nameSome(missing)}.`,
      },
    };
  }
  const references = acceptedReferences(manifest, byFile);
  if (references.length === 0) {
    const sentence = `Every reference of ${subject} was rejected; upload better pictures under the same names.`;
    return { wait: { code: 'references_all_rejected', sentence } };
  }
  const { kind, noun, method, settings } = manifest;
  const recipe = chooseRecipe(method, kind, references.length, settings);
  const request: TuneRequest = {
    verb: 'tune',
    baseModel,
    subject,
    kind,
    noun,
    token: SUBJECT_TOKEN,
    references,
    recipe,
  };
  return { manifest, request, digest: digestOf(request) };
}

/** The accepted pictures in the manifest’s order; the same picture under two names counts once. */
function acceptedReferences(manifest: SubjectManifest, byFile: Map<string, ReferenceRow>): TuneRequest['references'] {
  const bySha = new Map<Sha256, TuneRequest['references'][number]>();
  for (const file of manifest.references) {
    const picture = byFile.get(file)?.picture;
    if (!picture || bySha.has(picture.sha256)) continue;
    const caption = manifest.captions?.[file];
    bySha.set(picture.sha256, { key: picture.key, sha256: picture.sha256, ...(caption ? { caption } : {}) });
  }
  return [...bySha.values()];
}
