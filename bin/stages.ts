import type { StageConfig } from '../lib/contracts/stage.ts';

/** Every stage that may be deployed, by name. `troupe deploy --stage <name>` makes the stack `troupe-<name>`. */
export const STAGES: Readonly<Record<string, StageConfig>> = {
  /** To try things in: buckets and table go with the stack, once the buckets are emptied. */
  trial: {
    isolated: false,
    baseModel: 'paperdoll',
    use: 'commercial',
    maxvCpus: 16,
    cellsPerShard: 32,
    keepData: false,
    logRetentionDays: 14,
  },
  production: {
    isolated: false,
    baseModel: 'paperdoll',
    use: 'commercial',
    maxvCpus: 64,
    cellsPerShard: 32,
    keepData: true,
    logRetentionDays: 90,
  },
};
