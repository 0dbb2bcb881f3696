import type { ENVIRONMENT } from '../contracts/environment.ts';

/** Name of an environment variable that a function may read. */
export type Variable = (typeof ENVIRONMENT)[keyof typeof ENVIRONMENT];
