import { CampaignRow, rowKeys } from '../../lib/contracts/index.ts';
import { waitFor } from '../_rules/index.ts';
import { CallerError } from '../_shared/errors.ts';
import type { Ports } from '../_shared/ports.ts';

/** The scheduler's own word for the time that a tick is for; it puts the time in its place. */
const SCHEDULED_TIME = '<aws.scheduler.scheduled-time>';

/** Make the schedule of a campaign that has one what its file says. The same file again changes nothing. */
export async function keepSchedule(
  campaign: string,
  { state, schedules, now, log }: Pick<Ports, 'state' | 'schedules' | 'now' | 'log'>,
): Promise<void> {
  for (;;) {
    const row = await state.get(CampaignRow, rowKeys.campaign(campaign));
    const schedule = row?.state === 'scheduled' ? row.file?.schedule : undefined;
    if (!row || !schedule) return;
    const { when, timezone, from, until } = schedule;
    const begins = from === undefined ? undefined : new Date(from);
    try {
      await schedules.put({
        name: campaign,
        token: row.source,
        when,
        timezone,
        // A beginning that is over says nothing more, and the scheduler refuses it.
        from: begins !== undefined && begins > now() ? begins : undefined,
        until: until === undefined ? undefined : new Date(until),
        message: { event: 'campaign.due', campaign, time: SCHEDULED_TIME },
      });
    } catch (error) {
      if (!(error instanceof CallerError)) throw error;
      await state.change(CampaignRow, rowKeys.campaign(campaign), (before) =>
        before?.source === row.source
          ? { ...before, state: 'rejected' as const, wait: undefined, rejection: error.rejection }
          : undefined,
      );
      return log('campaign.rejected', { campaign, code: error.code });
    }
    const sentence = `It is drawn at ${when} by the clock of ${timezone}, each time as a campaign of its own.`;
    const after = await state.change(CampaignRow, rowKeys.campaign(campaign), (before) =>
      before?.source === row.source && before.state === 'scheduled'
        ? { ...before, wait: waitFor({ code: 'scheduled', sentence }, before.wait, now()) }
        : undefined,
    );
    // Another file may have come meanwhile; then its schedule must be the last one written.
    if (after?.source === row.source) return log('campaign.scheduled', { campaign });
  }
}
