import type { RejectionCode } from '../../lib/contracts/index.ts';

/** What whoever uploaded something did wrong, and can read and mend. Recorded as a rejection; never retried. */
export class CallerError extends Error {
  readonly code: RejectionCode;

  constructor(code: RejectionCode, sentence: string, options?: ErrorOptions) {
    super(sentence, options);
    this.name = 'CallerError';
    this.code = code;
  }

  /** As rows keep it. */
  get rejection(): { code: RejectionCode; sentence: string } {
    return { code: this.code, sentence: this.message.slice(0, 500) };
  }
}

/** Something that another try may cure: throttling, a broken connection, a deadline. The queue retries. */
export class PassingError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'PassingError';
  }
}

/** An object is larger than its reader would take. */
export class ObjectTooLargeError extends Error {
  readonly sizeBytes: number;
  readonly etag: string;

  constructor(key: string, sizeBytes: number, limitBytes: number, etag: string) {
    super(`${key} has ${sizeBytes} bytes; at most ${limitBytes} were expected`);
    this.name = 'ObjectTooLargeError';
    this.sizeBytes = sizeBytes;
    this.etag = etag;
  }
}

/** A message is not what its queue carries. It fails until it lies in the dead-letter queue, where a person can look. */
export class MessageInvalidError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'MessageInvalidError';
  }
}

/** What Troupe itself wrote is not as it must be. */
export class StoreCorruptError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StoreCorruptError';
  }
}

/** A variable that a construct should have set is missing or wrong. */
export class ConfigurationError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ConfigurationError';
  }
}
