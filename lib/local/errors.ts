/** What can be wrong with a template, a checkout or a running local cloud, by name. */
export type LocalCloudErrorCode =
  | 'already-running'
  | 'asset-missing'
  | 'assembly-missing'
  | 'faults-invalid'
  | 'resource-failed'
  | 'resource-type-unknown'
  | 'server-failed'
  | 'template-invalid'
  | 'wiring-unsupported';

/** An error that a person can act on: the code is stable, the message says what to change. */
export class LocalCloudError extends Error {
  readonly code: LocalCloudErrorCode;

  constructor(code: LocalCloudErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'LocalCloudError';
    this.code = code;
  }
}
