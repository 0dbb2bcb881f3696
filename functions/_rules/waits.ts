import type { Wait } from '../../lib/contracts/index.ts';

/** Why something has not happened yet; a wait without its beginning. */
export type Reason = Pick<Wait, 'code' | 'sentence'>;

/** A wait for `reason`. One that was already waited for keeps its beginning. */
export function waitFor({ code, sentence }: Reason, before: Wait | undefined, now: Date): Wait {
  const since = before?.code === code ? before.since : now.toISOString();
  return { code, sentence: sentence.slice(0, 500), since };
}

/** Names in a sentence: the first few, and how many more. */
export function nameSome(names: readonly string[], most = 5): string {
  const more = names.length - most;
  return more > 0 ? `${names.slice(0, most).join(', ')} and ${more} more` : names.join(', ');
}
