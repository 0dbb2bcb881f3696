import { MANIFEST_FILE, SubjectManifest, type SubjectRow } from '../../lib/contracts/index.ts';
import { readYaml, wakeCampaigns } from '../_rules/index.ts';
import { CallerError, ObjectTooLargeError } from '../_shared/errors.ts';
import type { Ports } from '../_shared/ports.ts';
import { judgeSubject } from './judge-subject.ts';

const MAX_BYTES = 64_000;

/** What a manifest changes in the row of its subject. */
type Taken = Pick<SubjectRow, 'manifest' | 'rejection'>;

/** Take a subject.yaml. A refused one leaves the manifest before it in force, and says why it was refused. */
export async function takeManifest(
  key: string,
  subject: string,
  ports: Pick<Ports, 'intake' | 'state' | 'queues' | 'settings' | 'now' | 'log'>,
): Promise<void> {
  const { log, intake } = ports;
  let refusal: string | undefined;
  const read = async (before: Taken): Promise<Taken> => {
    try {
      const manifest = await readManifest(key, subject, intake);
      refusal = undefined;
      return manifest ? { manifest } : before;
    } catch (error) {
      if (!(error instanceof CallerError)) throw error;
      refusal = error.code;
      return { ...before, rejection: error.rejection };
    }
  };
  await judgeSubject(subject, read, ports);
  if (refusal) return log('manifest.rejected', { subject, code: refusal });
  log('manifest.accepted', { subject });
  // A new date in a passport, too, may be what a campaign waits for.
  await wakeCampaigns(subject, ports);
}

async function readManifest(
  key: string,
  subject: string,
  intake: Ports['intake'],
): Promise<SubjectManifest | undefined> {
  const bytes = await readSmall(key, intake);
  if (!bytes) return undefined;
  const manifest = readYaml(bytes, SubjectManifest, 'manifest_invalid', MANIFEST_FILE);
  if (manifest.subject !== subject) {
    throw new CallerError(
      'manifest_names_other_subject',
      `subject.yaml names the subject ${manifest.subject}, but lies in the folder of ${subject}.`,
    );
  }
  return manifest;
}

async function readSmall(key: string, intake: Ports['intake']): Promise<Uint8Array | undefined> {
  try {
    return await intake.read(key, MAX_BYTES);
  } catch (error) {
    if (!(error instanceof ObjectTooLargeError)) throw error;
    const sentence = `subject.yaml has ${error.sizeBytes} bytes; at most ${MAX_BYTES} are taken.`;
    throw new CallerError('file_too_large', sentence, { cause: error });
  }
}
