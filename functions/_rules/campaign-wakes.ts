import { rowKeys, WaiterRow } from '../../lib/contracts/index.ts';
import type { Ports } from '../_shared/ports.ts';

/**
 * Tell every campaign that ever waited for a subject to look again. One that waits no longer ignores it. A campaign names
 * itself a waiter before it looks at the subject, and the subject changes before this looks for waiters: neither can miss the other.
 */
export async function wakeCampaigns(
  subject: string,
  { state, queues, log }: Pick<Ports, 'state' | 'queues' | 'log'>,
): Promise<void> {
  const waiters = await state.under(WaiterRow, rowKeys.subject(subject).pk);
  for (const { campaign } of waiters) await queues.campaigns({ event: 'campaign.waiting', campaign });
  if (waiters.length > 0) log('campaigns.woken', { subject, campaigns: waiters.length });
}
