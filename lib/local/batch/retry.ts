import type { ExitRule, RetryStrategy } from '../blueprint.ts';
import { LocalCloudError } from '../errors.ts';
import { asObject, asText } from '../json.ts';

const MOST_RULES = 5;

/** How one attempt ended, in the words that retry rules are matched against. */
export interface AttemptEnding {
  exitCode: number | undefined;
  statusReason: string;
  reason: string | undefined;
}

/** Read retry rules as the Batch API spells them. */
export function exitRules(rules: unknown[]): ExitRule[] {
  if (rules.length > MOST_RULES) {
    throw new LocalCloudError(
      'template-invalid',
      `evaluateOnExit has ${rules.length} rules; Batch takes ${MOST_RULES}`,
    );
  }
  return rules.map((value) => {
    const { action, onStatusReason, onReason, onExitCode } = asObject(value);
    const [statusReason, reason, exitCode] = [onStatusReason, onReason, onExitCode].map(asText);
    return {
      action: String(action).toUpperCase() === 'EXIT' ? 'EXIT' : 'RETRY',
      ...(statusReason === undefined ? {} : { onStatusReason: statusReason }),
      ...(reason === undefined ? {} : { onReason: reason }),
      ...(exitCode === undefined ? {} : { onExitCode: exitCode }),
    };
  });
}

/**
 * Whether a failed attempt is followed by another. The first rule all of whose conditions match decides; when none
 * does, Batch retries. All rules share one count of attempts.
 */
export function shouldRetry(strategy: RetryStrategy, attemptsMade: number, ending: AttemptEnding): boolean {
  if (attemptsMade >= strategy.attempts) return false;
  const rule = strategy.evaluateOnExit.find((candidate) => matches(candidate, ending));
  return rule === undefined || rule.action === 'RETRY';
}

function matches(rule: ExitRule, ending: AttemptEnding): boolean {
  return (
    glob(rule.onStatusReason, ending.statusReason) &&
    glob(rule.onReason, ending.reason ?? '') &&
    glob(rule.onExitCode, ending.exitCode === undefined ? '' : String(ending.exitCode))
  );
}

/** Text, or the beginning of it when the pattern ends with an asterisk; `*` alone also matches nothing at all. */
export function glob(pattern: string | undefined, text: string): boolean {
  if (pattern === undefined) return true;
  return pattern.endsWith('*') ? text.startsWith(pattern.slice(0, -1)) : text === pattern;
}
