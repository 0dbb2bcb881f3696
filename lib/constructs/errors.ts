/** What can stop a synthesis because of what is, or is not, on this machine. */
export type SynthesisCode =
  | 'encoder-missing'
  | 'reader-missing'
  | 'upscaler-missing'
  | 'native-install-failed'
  | 'models-lock-missing'
  | 'model-unknown'
  | 'model-licence';

/** The app cannot be synthesised; the message says what to do about it. */
export class SynthesisError extends Error {
  readonly code: SynthesisCode;

  constructor(code: SynthesisCode, message: string, cause?: unknown) {
    super(`${code}: ${message}`, { cause });
    this.name = 'SynthesisError';
    this.code = code;
  }
}
