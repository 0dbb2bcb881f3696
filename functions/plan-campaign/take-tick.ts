import {
  type CampaignDue,
  CampaignRow,
  type CampaignSchedule,
  rowKeys,
  SCHEDULED_NAME_LENGTH,
  Slug,
} from '../../lib/contracts/index.ts';
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
  if ((row?.state !== 'scheduled' && row?.state !== 'over') || !row.file?.schedule) {
    await schedules.remove(campaign);
    log('tick.unwanted', { campaign, time });
    return undefined;
  }
  const tick = new Date(time);
  const name = nameOf(campaign, tick);
  const { schedule, ...file } = row.file;
  const made = await state.create(CampaignRow, rowKeys.campaign(name), {
    row: 'campaign',
    campaign: name,
    state: 'waiting',
    source: row.source,
    file: { ...file, campaign: name, firstSeed: seedOf(file.firstSeed, tick) },
    cells: 0,
    tick: { campaign, time: tick.toISOString() },
  });
  if (hasHadItsMoment(schedule, tick)) await endWait(row, state);
  log(made === 'created' ? 'tick.taken' : 'tick.taken_before', { campaign: name });
  return name;
}

/** Whether a schedule of one moment has had it. A tick of the file before this one may come before that: text of this form is in the order of time. */
const hasHadItsMoment = ({ when, timezone }: CampaignSchedule, tick: Date): boolean =>
  when.startsWith('at(') &&
  tick.toLocaleString('sv', { timeZone: timezone }).replace(' ', 'T') >= when.slice('at('.length, -1);

/** A schedule of one moment waits for nothing once that has come. After its campaign is made: a tick that fails comes again. */
const endWait = ({ campaign, source }: CampaignRow, state: Ports['state']) =>
  state.change(CampaignRow, rowKeys.campaign(campaign), (before) =>
    before?.state === 'scheduled' && before.source === source
      ? { ...before, state: 'over' as const, wait: undefined }
      : undefined,
  );

/** `spring` at nine on the first of December is `spring-20261201t0900z`: schedules are precise to the minute. */
const nameOf = (campaign: string, tick: Date): string => {
  const minute = tick.toISOString().slice(0, 16).replace(/[-:]/g, '').toLowerCase();
  return Slug.parse(`${campaign.slice(0, SCHEDULED_NAME_LENGTH)}-${minute}z`);
};

/** Every tick draws other pictures: its seeds begin where no earlier minute's can have ended. */
const seedOf = (first: number, tick: Date): number =>
  (first + Math.floor(tick.getTime() / 60_000) * SEEDS_PER_MINUTE) % (SEED_LIMIT - MOST_SEEDS);
