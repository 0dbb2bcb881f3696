import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** The reader's folder in the folder `models`, if there is one: without it, nothing is said of what a picture shows. */
export function findReader(models: string): string | undefined {
  const folder = join(models, 'reader');
  return existsSync(folder) ? folder : undefined;
}
