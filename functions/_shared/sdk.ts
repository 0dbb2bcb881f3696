import { AsyncLocalStorage } from 'node:async_hooks';
import { PassingError } from './errors.ts';

const deadline = new AsyncLocalStorage<AbortSignal>();

/** Run `work`; every call of the SDK inside it is given up when `signal` fires, just before the function is killed. */
export const withDeadline = <R>(signal: AbortSignal, work: () => Promise<R>): Promise<R> => deadline.run(signal, work);

/** The part of an SDK error that tells its kind. Names and numbers only: message texts change. */
interface SdkError extends Error {
  $fault?: 'client' | 'server';
  $retryable?: object;
  $metadata?: { httpStatusCode?: number };
  code?: string;
}

const PASSING_NAMES = new Set(['AbortError', 'TimeoutError', 'ThrottlingException', 'TooManyRequestsException']);
const PASSING_CODES = new Set(['ECONNRESET', 'ECONNREFUSED', 'EPIPE', 'ETIMEDOUT', 'EAI_AGAIN']);

/** Make one call of the SDK. What another try may cure leaves as `PassingError`; the SDK has already tried three times. */
export async function call<R>(request: (options: { abortSignal?: AbortSignal }) => Promise<R>): Promise<R> {
  try {
    const abortSignal = deadline.getStore();
    return await request(abortSignal ? { abortSignal } : {});
  } catch (error) {
    throw isPassing(error as SdkError) ? new PassingError((error as Error).name, { cause: error }) : error;
  }
}

function isPassing(error: SdkError): boolean {
  const status = error.$metadata?.httpStatusCode ?? 0;
  return (
    error.$retryable !== undefined ||
    status >= 500 ||
    status === 429 ||
    PASSING_NAMES.has(error.name) ||
    PASSING_CODES.has(error.code ?? '')
  );
}
