/** Every error whose cause is known: the command line prints its sentence, never a stack, and leaves with status 2. */
export const KNOWN_ERRORS = [
  'usage',
  'file_missing',
  'file_invalid',
  'passport_expired',
  'no_cloud',
  'no_credentials',
  'stack_missing',
  'local_failed',
  'subject_unknown',
  'campaign_unknown',
  'campaign_rejected',
  'campaign_failed',
  'campaign_stuck',
  'bench_unknown',
  'bench_failed',
  'unconfirmed',
  'stage_unknown',
  'preflight_failed',
  'deploy_failed',
  'data_in_the_way',
  'model_refused',
  'model_exists',
  'interrupted',
] as const;
export type KnownErrorCode = (typeof KNOWN_ERRORS)[number];

/** Something that whoever typed the command can read and act on. */
export class KnownError extends Error {
  readonly code: KnownErrorCode;

  constructor(code: KnownErrorCode, sentence: string, options?: ErrorOptions) {
    super(sentence, options);
    this.name = 'KnownError';
    this.code = code;
  }
}

export const EXIT_STATUS = { done: 0, unknown: 1, known: 2 } as const;
