import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readYaml } from '../../../functions/_rules/index.ts';
import { intakeKeys, MANIFEST_FILE, rowKeys, SubjectManifest, SubjectRow } from '../../contracts/index.ts';
import { type BenchCloud, waitUntil } from './cloud.ts';

/** Upload a subject of the demo, pictures first, as the command line does. `withheld` stays behind, and the subject waits for it. */
export async function uploadSubject(
  cloud: BenchCloud,
  checkout: string,
  name: string,
  withheld?: string,
): Promise<void> {
  const folder = join(checkout, 'demo/subjects', name);
  const yaml = readFileSync(join(folder, MANIFEST_FILE));
  const { references } = readYaml(yaml, SubjectManifest, 'manifest_invalid', MANIFEST_FILE);
  for (const file of references.filter((one) => one !== withheld)) {
    await cloud.upload(intakeKeys.subjectFile(name, file), readFileSync(join(folder, file)), 'image/png');
  }
  await cloud.upload(intakeKeys.subjectManifest(name), yaml, 'application/yaml');
}

/** Wait until a subject is tuned. Throws the sentence of one that failed. */
export async function waitForTuning({ state }: BenchCloud, subject: string, seconds: number): Promise<void> {
  await waitUntil(`${subject} is tuned`, seconds, async () => {
    const row = await state.get(SubjectRow, rowKeys.subject(subject));
    const refusal = row?.failure ?? row?.rejection;
    if (refusal) throw new Error(`${subject}: ${refusal.sentence}`);
    return row?.state === 'tuned' ? true : undefined;
  });
}
