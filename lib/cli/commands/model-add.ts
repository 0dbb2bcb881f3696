import { writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { type LockedModel, libraryKeys, ModelDocument, ModelsLock, STACK_OUTPUTS } from '../../contracts/index.ts';
import { defineCommand, type World } from '../command.ts';
import { LOCK_FILE, readLock } from '../deploy/base-model-seen.ts';
import { digestFile } from '../deploy/digest-file.ts';
import { allowsCommercialUse } from '../deploy/licences.ts';
import { type ModelFile, readModelFolder } from '../deploy/model-folder.ts';
import { DEFAULT_STAGE, findStage } from '../deploy/place.ts';
import { KnownError } from '../errors.ts';

const MEGABYTE = 1_000_000;
type LockedFile = LockedModel['files'][number];

/** Show how many of the bytes of all files were read or sent. */
function createCounter(world: World, name: string, of: number) {
  const progress = world.createProgress();
  return {
    show: (done: number) => {
      const words = `${Math.round(done / MEGABYTE)} of ${Math.round(of / MEGABYTE)} MB`;
      progress.show([{ name, words, done: Math.min(done, of), of }]);
    },
    stop: () => progress.stop(),
  };
}

const sum = (files: readonly { bytes: number }[]): number => files.reduce((total, { bytes }) => total + bytes, 0);

async function digest(world: World, files: readonly ModelFile[]): Promise<LockedFile[]> {
  const counter = createCounter(world, 'digest', sum(files));
  const locked: LockedFile[] = [];
  let done = 0;
  try {
    for (const { file, path, bytes } of files) {
      const sha256 = await digestFile(path, (more) => {
        done += more;
        counter.show(done);
      });
      locked.push({ file, bytes, sha256 });
    }
  } finally {
    counter.stop();
  }
  return locked;
}

/** Write the model into the lock; what was locked under its name before must be the same. */
function lock(world: World, name: string, model: LockedModel): 'written' | 'unchanged' {
  const { models } = world.deploys;
  const current = readLock(models);
  const before = current.models[name];
  if (before && JSON.stringify(before) === JSON.stringify(model)) return 'unchanged';
  if (before) {
    throw new KnownError(
      'model_exists',
      `${LOCK_FILE} has another ${name}. Recipes and adapters name a base model by its digest: give this one another --name.`,
    );
  }
  const changed = ModelsLock.safeParse({ models: { ...current.models, [name]: model } });
  if (!changed.success) {
    const [issue] = changed.error.issues;
    throw new KnownError('model_refused', `The model is refused: ${issue?.path.join('.')}: ${issue?.message}.`);
  }
  writeFileSync(join(models, LOCK_FILE), `${JSON.stringify(changed.data, null, 1)}\n`);
  return 'written';
}

/** Put every file that the library does not have under its digest; return how many that were. */
async function upload(world: World, library: string, files: readonly (ModelFile & LockedFile)[]): Promise<number> {
  const account = await world.deploys.account();
  const counter = createCounter(world, 'upload', sum(files));
  let done = 0;
  let sent = 0;
  try {
    for (const { path, bytes, sha256 } of files) {
      const key = libraryKeys.modelFile(sha256);
      // Named by what it holds: what is there whole is the same file, and an upload that broke off left nothing.
      if ((await account.objectBytes(library, key)) !== bytes) {
        await account.uploadFile(library, key, path, (loaded) => counter.show(done + loaded));
        sent += 1;
      }
      done += bytes;
      counter.show(done);
    }
  } finally {
    counter.stop();
  }
  return sent;
}

export const modelAdd = defineCommand({
  meta: { name: 'model add', about: 'Take an SD 1.5 or SDXL folder as a base model: check it, lock it, upload it' },
  args: {
    folder: { type: 'positional', about: 'a folder in the layout of diffusers, with model_index.json' },
    licence: { type: 'text', value: 'name', about: 'SPDX name of the licence of its weights' },
    commercial: {
      type: 'text',
      value: 'yes|no',
      about: 'whether that licence allows commercial use, if it is not known',
    },
    name: { type: 'text', value: 'name', about: 'what stages and recipes call it (default: the folder’s name)' },
    stage: { type: 'text', value: 'name', about: `whose library it goes to (default: ${DEFAULT_STAGE})` },
    upload: { type: 'flag', byDefault: true, about: 'only lock it' },
  },
  document: ModelDocument,
  async run({ folder: typed, licence, commercial, name: named, stage, upload: wanted }, world) {
    const { stack } = findStage(world, stage);
    const folder = resolve(world.folder, typed);
    const name = named ?? basename(folder).toLowerCase();
    const before = readLock(world.deploys.models).models[name];
    const of = licence ?? before?.licence;
    if (of === undefined) {
      throw new KnownError(
        'usage',
        'Say --licence: the SPDX name of the licence of the weights, such as CreativeML-OpenRAIL-M.',
      );
    }
    const commercialUse = licence === undefined && before ? before.commercialUse : allowsCommercialUse(of, commercial);
    const { family, files, leftOut } = readModelFolder(folder);
    const locked = await digest(world, files);
    const state = lock(world, name, { family, licence: of, commercialUse, files: locked });
    const outputs = wanted ? (await (await world.deploys.account()).findStack(stack))?.outputs : undefined;
    const library = outputs?.[STACK_OUTPUTS.libraryBucket];
    const both = files.map((file, index) => ({ ...file, ...(locked[index] as LockedFile) }));
    const uploaded = library === undefined ? 0 : await upload(world, library, both);
    return {
      document: 'model' as const,
      ...{ name, family, licence: of, commercialUse, lock: state, files: files.length, bytes: sum(files), leftOut },
      ...(library !== undefined && { library, uploaded }),
    };
  },
  show({ name, family, licence, commercialUse, files, bytes, lock: state, leftOut, library, uploaded }) {
    return [
      `${name} is a base model of the family ${family}: ${files} files, ${(bytes / 1e9).toFixed(2)} GB, ${licence}, ${commercialUse ? 'commercial use allowed' : 'no commercial use'}.`,
      `models/${LOCK_FILE} ${state === 'written' ? 'has it now: commit the change' : 'had it already'}.`,
      ...(leftOut.length > 0 ? [`Left out, because no worker loads it: ${leftOut.join(', ')}.`] : []),
      library === undefined
        ? 'Nothing was uploaded. Once the stage is deployed, the same command uploads it.'
        : `${uploaded} files were uploaded to ${library}; ${files - (uploaded ?? 0)} were there.`,
      `Name it as \`baseModel: '${name}'\` of a stage in bin/stages.ts, and deploy the stage.`,
    ].join('\n');
  },
});
