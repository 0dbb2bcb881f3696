import { existsSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The folder of a net that may be missing, in the folder `models`. Without a reader nothing is said of what a picture shows;
 * without an upscaler pictures are looked at as they were drawn.
 */
export function findNet(models: string, name: 'reader' | 'upscaler'): string | undefined {
  const folder = join(models, name);
  return existsSync(folder) ? folder : undefined;
}
