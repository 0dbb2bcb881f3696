import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type LockedModel, libraryKeys, ModelsLock } from '../../contracts/index.ts';
import { KnownError } from '../errors.ts';
import type { Account } from './account.ts';
import { digestFile } from './digest-file.ts';
import type { ModelSeen } from './preflight.ts';

export const LOCK_FILE = 'models.lock.json';

/** The lock of a folder of models; without a file, an empty one. */
export function readLock(models: string): ModelsLock {
  const path = join(models, LOCK_FILE);
  if (!existsSync(path)) return { models: {} };
  const lock = ModelsLock.safeParse(parseJson(readFileSync(path, 'utf8')));
  if (lock.success) return lock.data;
  throw new KnownError('file_invalid', `${path} is not a lock of models: ${lock.error.issues[0]?.message}`);
}

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** Look where the files of a base model are: below the folder `models`, or in the library if there is one. */
export async function lookAtModel(
  models: string,
  name: string,
  account: Account,
  library: string | undefined,
): Promise<ModelSeen> {
  const locked = readLock(models).models[name];
  if (locked === undefined) return { locked, missing: [], library: library !== undefined };
  const folder = join(models, name);
  // The image takes the folder whole or not at all: a worker refuses a part of a model.
  const missing = existsSync(folder) ? await missingHere(folder, locked) : await missingThere(locked, account, library);
  return { locked, missing, library: library !== undefined };
}

async function missingHere(folder: string, { files }: LockedModel): Promise<string[]> {
  const missing: string[] = [];
  for (const { file, bytes, sha256 } of files) {
    const path = join(folder, file);
    const same = existsSync(path) && statSync(path).size === bytes && (await digestFile(path)) === sha256;
    if (!same) missing.push(file);
  }
  return missing;
}

async function missingThere({ files }: LockedModel, account: Account, library: string | undefined): Promise<string[]> {
  const missing: string[] = [];
  for (const { file, bytes, sha256 } of files) {
    const there = library && (await account.objectBytes(library, libraryKeys.modelFile(sha256)));
    if (there !== bytes) missing.push(file);
  }
  return missing;
}
