import { type CampaignDue, CampaignRow, rowKeys, SCHEDULED_NAME_LENGTH, Slug } from '../../lib/contracts/index.ts';
import type { Ports } from '../_shared/ports.ts';

/** Room for the most pictures of one prompt, so that no two ticks of a schedule draw with one seed. */
const SEEDS_PER_MINUTE = 64;
const SEED_LIMIT = 2 ** 32;
const MOST_SEEDS = 64;

/**
 * Make the campaign that a tick asks for, and return its name. Its name is the tick: one that comes twice, or late, finds the
 * campaign there. The tick of a campaign that is scheduled no longer ends the schedule that sent it.
 */
export async function takeTick(
  { campaign, time }: CampaignDue,
  { state, schedules, log }: Pick<Ports, 'state' | 'schedules' | 'log'>,
): Promise<string | undefined> {
  const row = await state.get(CampaignRow, rowKeys.campaign(campaign));
  if (row?.state !== 'scheduled' || !row.file) {
    await schedules.remove(campaign);
    log('tick.unwanted', { campaign, time });
    return undefined;
  }
  const tick = new Date(time);
  const name = nameOf(campaign, tick);
  const { schedule: _made, ...file } = row.file;
  const made = await state.create(CampaignRow, rowKeys.campaign(name), {
    row: 'campaign',
    campaign: name,
    state: 'waiting',
    source: row.source,
    file: { ...file, campaign: name, firstSeed: seedOf(file.firstSeed, tick) },
    cells: 0,
    tick: { campaign, time: tick.toISOString() },
  });
  log(made === 'created' ? 'tick.taken' : 'tick.taken_before', { campaign: name });
  return name;
}

/** `spring` at nine on the first of December is `spring-20261201t0900z`: schedules are precise to the minute. */
const nameOf = (campaign: string, tick: Date): string => {
  const minute = tick.toISOString().slice(0, 16).replace(/[-:]/g, '').toLowerCase();
  return Slug.parse(`${campaign.slice(0, SCHEDULED_NAME_LENGTH)}-${minute}z`);
};

/** Every tick draws other pictures: its seeds begin where no earlier minute's can have ended. */
const seedOf = (first: number, tick: Date): number =>
  (first + Math.floor(tick.getTime() / 60_000) * SEEDS_PER_MINUTE) % (SEED_LIMIT - MOST_SEEDS);
