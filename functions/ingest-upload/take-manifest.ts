import { MANIFEST_FILE, SubjectManifest } from '../../lib/contracts/index.ts';
import { readYaml, wakeCampaigns } from '../_rules/index.ts';
import { CallerError, ObjectTooLargeError } from '../_shared/errors.ts';
import type { Ports } from '../_shared/ports.ts';
import { type Amended, judgeSubject } from './judge-subject.ts';

const MAX_BYTES = 64_000;

/** Take a subject.yaml. A refused one leaves the manifest before it in force, and says why it was refused. */
export async function takeManifest(
  key: string,
  subject: string,
  ports: Pick<Ports, 'intake' | 'state' | 'queues' | 'settings' | 'now' | 'log'>,
): Promise<void> {
  const { log, intake } = ports;
  let refusal: string | undefined;
  const read = async (before: Amended): Promise<Amended> => {
    refusal = undefined;
    const upload = await readUpload(key, intake);
    if (!upload) return before;
    const manifestEtag = upload.etag;
    try {
      return { manifest: checkManifest(upload, subject), manifestEtag };
    } catch (error) {
      if (!(error instanceof CallerError)) throw error;
      refusal = error.code;
      return { ...before, rejection: error.rejection, manifestEtag };
    }
  };
  await judgeSubject(subject, read, ports);
  if (refusal) return log('manifest.rejected', { subject, code: refusal });
  log('manifest.accepted', { subject });
  // A new date in a passport, too, may be what a campaign waits for.
  await wakeCampaigns(subject, ports);
}

type Upload = { etag: string; bytes: Uint8Array } | { etag: string; sizeBytes: number };

async function readUpload(key: string, intake: Ports['intake']): Promise<Upload | undefined> {
  try {
    return await intake.take(key, MAX_BYTES);
  } catch (error) {
    if (!(error instanceof ObjectTooLargeError)) throw error;
    const { etag, sizeBytes } = error;
    return { etag, sizeBytes };
  }
}

function checkManifest(upload: Upload, subject: string): SubjectManifest {
  if (!('bytes' in upload)) {
    const sentence = `subject.yaml has ${upload.sizeBytes} bytes; at most ${MAX_BYTES} are taken.`;
    throw new CallerError('file_too_large', sentence);
  }
  const manifest = readYaml(upload.bytes, SubjectManifest, 'manifest_invalid', MANIFEST_FILE);
  if (manifest.subject !== subject) {
    throw new CallerError(
      'manifest_names_other_subject',
      `subject.yaml names the subject ${manifest.subject}, but lies in the folder of ${subject}.`,
    );
  }
  return manifest;
}
