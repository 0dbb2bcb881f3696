import { type BatchJobStateChange, type FailureCode, type JobRow, NO_MACHINE } from '../../lib/contracts/index.ts';
import { nameSome } from '../_rules/index.ts';

type Detail = BatchJobStateChange['detail'];
export type Failure = { code: FailureCode; sentence: string };

/** Exit statuses of a worker that was stopped and could have gone on: asked to requeue, or killed. None: it never came up. */
const STOPPED = new Set([undefined, 75, 137, 143]);

/** How its owner has it tried again: what asks for the same as before is the same job, and that has ended. */
export const AGAIN = {
  tune: 'To have it tried again, change a reference or a setting of the subject and upload its subject.yaml.',
  render: 'To have it tried again, upload the campaign under another name.',
} as const;

/** What is known of a job that ended without a result, and what can be done about it. */
export function describeEnd(row: JobRow, missing: readonly number[], detail: Detail): Failure {
  const reason = detail.statusReason ? ` Batch says: ${detail.statusReason.slice(0, 300)}` : '';
  const again = AGAIN[row.verb];
  // Before the cancelled: it is by cancelling them that Batch gives jobs up.
  if (detail.statusReason?.includes(NO_MACHINE)) {
    const sentence = `No GPU machine was free for hours, on the spot market or at full price. Later, or in another region: ${again}${reason}`;
    return { code: 'no_capacity', sentence };
  }
  if (detail.isCancelled || detail.isTerminated)
    return { code: 'cancelled', sentence: `The job was cancelled. ${again}${reason}` };
  const attempts = detail.attempts ?? [];
  const exitCode = attempts.at(-1)?.container?.exitCode;
  if (detail.status === 'FAILED' && attempts.length > 0 && STOPPED.has(exitCode)) {
    const times = attempts.length === 1 ? 'once' : `${attempts.length} times`;
    return {
      code: 'attempts_exhausted',
      sentence: `The job was started ${times} and stopped each time before it was done; its log says at what. ${again}${reason}`,
    };
  }
  if (row.shards > 1) {
    const names = nameSome(missing.map(String));
    return {
      code: 'no_result',
      sentence: `${missing.length} of ${row.shards} shards ended without a result: ${names}; their logs say why. ${again}${reason}`,
    };
  }
  const exit = exitCode === undefined ? '' : ` with exit status ${exitCode}`;
  return {
    code: 'no_result',
    sentence: `The worker ended${exit} and left no result; its log says why. ${again}${reason}`,
  };
}
