import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SynthesisError } from '../constructs/errors.ts';
import { type LockedModel, ModelsLock } from '../contracts/model.ts';
import { BaseModelRef, Family } from '../contracts/recipe.ts';
import type { DeclaredUse } from '../contracts/stage.ts';

const LOCK_FILE = 'models.lock.json';

/** Look the base model `name` up in the lock file of the folder `models`; its licence must allow `use`. */
export function readBaseModel(models: string, name: string, use: DeclaredUse): BaseModelRef {
  const path = join(models, LOCK_FILE);
  if (!existsSync(path)) throw new SynthesisError('models-lock-missing', `${path} does not exist`);
  const lock = ModelsLock.parse(JSON.parse(readFileSync(path, 'utf8')));
  const model = lock.models[name];
  const family = Family.safeParse(model?.family);
  if (model === undefined || !family.success) {
    throw new SynthesisError(
      'model-unknown',
      `${path} has no base model "${name}" (it has ${Object.keys(lock.models).join(', ')})`,
    );
  }
  if (use === 'commercial' && !model.commercialUse) {
    throw new SynthesisError(
      'model-licence',
      `the licence of ${name} (${model.licence}) does not allow the commercial use that the stage declares in bin/stages.ts`,
    );
  }
  return BaseModelRef.parse({ name, family: family.data, digest: digestOf(model) });
}

/** One digest for all files of a model: over its lines "sha256  file", sorted by file. */
function digestOf(model: LockedModel): string {
  const lines = [...model.files]
    .sort((a, b) => (a.file < b.file ? -1 : 1))
    .map(({ sha256, file }) => `${sha256}  ${file}\n`);
  return createHash('sha256').update(lines.join('')).digest('hex');
}
