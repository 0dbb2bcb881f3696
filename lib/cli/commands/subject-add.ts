import { join, resolve } from 'node:path';
import { intakeKeys, MANIFEST_FILE, UploadDocument } from '../../contracts/index.ts';
import { defineCommand } from '../command.ts';
import { readSubjectFolder } from '../manifest.ts';

export const subjectAdd = defineCommand({
  meta: { name: 'subject add', about: 'Check a folder of reference pictures with its manifest, and upload both' },
  args: {
    folder: { type: 'positional', about: 'folder with the reference pictures' },
    manifest: {
      type: 'text',
      value: 'file',
      about: `the subject’s manifest (default: ${MANIFEST_FILE} in the folder)`,
    },
  },
  document: UploadDocument,
  async run({ folder, manifest: named }, world) {
    const pictures = resolve(world.folder, folder);
    const manifestPath = named === undefined ? join(pictures, MANIFEST_FILE) : resolve(world.folder, named);
    const { manifest, ...files } = readSubjectFolder(pictures, manifestPath, world.now());
    const cloud = await world.cloud();
    const keys: string[] = [];
    for (const { file, body, contentType } of files.pictures) {
      const key = intakeKeys.subjectFile(manifest.subject, file);
      await cloud.upload(key, body, contentType);
      world.tell(`uploaded ${key}`);
      keys.push(key);
    }
    // The manifest last: whoever reads it then finds every picture that it names.
    const manifestKey = intakeKeys.subjectManifest(manifest.subject);
    await cloud.upload(manifestKey, files.manifestBody, 'application/yaml');
    world.tell(`uploaded ${manifestKey}`);
    return {
      document: 'upload' as const,
      of: 'subject' as const,
      name: manifest.subject,
      keys: [...keys, manifestKey],
    };
  },
  show: ({ name, keys }) =>
    `${keys.length - 1} reference pictures and the manifest of ${name} are uploaded.\n` +
    `\`troupe subject show ${name}\` says which were accepted.`,
});
