import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder that holds `functions`, `containers` and `models`. */
export const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));

/** Absolute path of something in the repository. */
export const inRepository = (...parts: string[]): string => join(REPOSITORY, ...parts);
