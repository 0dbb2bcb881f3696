import type { LocalDocument } from '../contracts/index.ts';
import type { Address } from './live-cloud.ts';

/** Starts, stops and finds the local cloud. */
export interface LocalControl {
  up(onStep: (words: string) => void): Promise<LocalDocument>;
  down(): Promise<LocalDocument>;
  status(): LocalDocument;
  /** Where the local cloud is, or undefined while it is down. */
  address(): Address | undefined;
}
