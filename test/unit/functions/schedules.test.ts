import { describe, expect, it } from 'vitest';
import { CallerError } from '../../../functions/_shared/errors.ts';
import { planCampaign } from '../../../functions/plan-campaign/step.ts';
import { sweepState } from '../../../functions/sweep-state/step.ts';
import { CampaignRow, rowKeys } from '../../../lib/contracts/index.ts';
import { campaignFile, objectCreated } from '../../fakes/samples.ts';
import { createWorld, type World } from '../../fakes/world.ts';

const WEEKLY = { when: 'cron(0 9 ? * MON *)', timezone: 'Europe/Berlin' };
const TICK = '2026-06-08T07:00:00Z';
const RUN = 'spring-20260608t0700z';

const upload = async (world: World, changes: object, campaign = 'spring') => {
  world.intake.put(`campaigns/${campaign}.yaml`, campaignFile(campaign, changes));
  await planCampaign(objectCreated(`campaigns/${campaign}.yaml`), world.ports);
};
const tick = (world: World, time = TICK) =>
  planCampaign({ event: 'campaign.due', campaign: 'spring', time }, world.ports);
const rowOf = (world: World, campaign: string) => world.ports.state.get(CampaignRow, rowKeys.campaign(campaign));
const runs = async (world: World) =>
  (await world.ports.state.list(CampaignRow)).filter((row) => row.tick).map((row) => row.campaign);

describe('a campaign with a schedule', () => {
  it('is kept by the scheduler and says so; the file again changes nothing, another changes the schedule', async () => {
    const world = createWorld();
    await upload(world, { schedule: WEEKLY });
    const row = await rowOf(world, 'spring');
    expect(row).toMatchObject({ state: 'scheduled', wait: { code: 'scheduled' } });
    expect(row?.wait?.sentence).toContain('cron(0 9 ? * MON *)');
    expect(world.kept.get('spring')).toMatchObject({
      ...WEEKLY,
      message: { event: 'campaign.due', campaign: 'spring', time: '<aws.scheduler.scheduled-time>' },
    });
    await upload(world, { schedule: WEEKLY });
    expect(await rowOf(world, 'spring')).toEqual(row);
    await upload(world, { schedule: { ...WEEKLY, when: 'rate(2 days)' } });
    expect(world.kept.get('spring')?.when).toBe('rate(2 days)');
  });

  it('becomes one campaign for each tick, however often and late that comes', async () => {
    const world = createWorld();
    await upload(world, { schedule: WEEKLY, firstSeed: 5 });
    await tick(world);
    world.clock.now = new Date('2026-06-20T00:00:00Z');
    await Promise.all([tick(world), tick(world)]);
    expect(await runs(world)).toEqual([RUN]);
    const run = await rowOf(world, RUN);
    expect(run).toMatchObject({
      state: 'waiting',
      tick: { campaign: 'spring', time: '2026-06-08T07:00:00.000Z' },
      wait: { code: 'subject_unknown' },
    });
    expect(run?.file?.schedule).toBeUndefined();
    await tick(world, '2026-06-08T07:01:00Z');
    const seeds = await Promise.all(
      [RUN, 'spring-20260608t0701z'].map(async (name) => (await rowOf(world, name))?.file?.firstSeed),
    );
    expect((seeds[1] ?? 0) - (seeds[0] ?? 0)).toBe(64);
    expect((await rowOf(world, 'spring'))?.state).toBe('scheduled');
  });

  it('for one moment waits no longer once that has come, whatever tick or file comes again', async () => {
    const world = createWorld();
    const once = { schedule: { when: 'at(2026-06-08T09:00:00)', timezone: 'Europe/Berlin' } };
    await upload(world, once);
    await tick(world, '2026-06-08T06:59:00Z'); // of the file before this one
    expect(await rowOf(world, 'spring')).toMatchObject({ state: 'scheduled', wait: { code: 'scheduled' } });
    await tick(world);
    const row = await rowOf(world, 'spring');
    expect(row).toMatchObject({ state: 'over' });
    expect(row?.wait).toBeUndefined();
    await tick(world);
    await upload(world, once);
    await planCampaign({ event: 'campaign.waiting', campaign: 'spring' }, world.ports);
    expect(await rowOf(world, 'spring')).toEqual(row);
    expect(await runs(world)).toEqual(['spring-20260608t0659z', RUN]);
    await upload(world, { schedule: { ...once.schedule, when: 'at(2026-07-08T09:00:00)' } });
    expect(await rowOf(world, 'spring')).toMatchObject({ state: 'scheduled', wait: { code: 'scheduled' } });
  });

  it('that the scheduler did not make is asked for again by the sweep, and only until it is', async () => {
    const world = createWorld();
    const { put } = world.ports.schedules;
    world.ports.schedules.put = async () => Promise.reject(new Error('Scheduler answered 403'));
    await expect(upload(world, { schedule: WEEKLY })).rejects.toThrow('403');
    const asked = async () => {
      world.clock.now = new Date(world.clock.now.getTime() + 3_600_000);
      await sweepState({ source: 'aws.events', time: world.clock.now.toISOString() }, world.ports);
      return world.sent.campaigns.splice(0);
    };
    expect(await asked()).toEqual([{ event: 'campaign.waiting', campaign: 'spring' }]);
    world.ports.schedules.put = put;
    await planCampaign({ event: 'campaign.waiting', campaign: 'spring' }, world.ports);
    expect(world.kept.get('spring')).toMatchObject(WEEKLY);
    expect(await rowOf(world, 'spring')).toMatchObject({ state: 'scheduled', wait: { code: 'scheduled' } });
    expect(await asked()).toEqual([]);
  });

  it('that is scheduled no longer is drawn once, and a tick that still comes ends the schedule', async () => {
    const world = createWorld();
    await upload(world, { schedule: WEEKLY });
    await upload(world, {});
    expect((await rowOf(world, 'spring'))?.state).toBe('waiting');
    await tick(world);
    expect(await runs(world)).toEqual([]);
    expect(world.kept.has('spring')).toBe(false);
  });

  it('begins when it says, or now if that is over', async () => {
    const world = createWorld();
    await upload(world, { schedule: { ...WEEKLY, from: '2026-05-01T00:00:00Z', until: '2026-12-31T00:00:00Z' } });
    expect(world.kept.get('spring')).toMatchObject({ from: undefined, until: new Date('2026-12-31T00:00:00Z') });
    await upload(world, { schedule: { ...WEEKLY, from: '2026-07-01T00:00:00Z' } });
    expect(world.kept.get('spring')).toMatchObject({ from: new Date('2026-07-01T00:00:00Z') });
  });

  it.each([
    [{ when: 'every day' }, 'spring'],
    [{ when: 'rate(0 days)' }, 'spring'],
    [{ ...WEEKLY, timezone: 'Mid dle/Earth' }, 'spring'],
    [WEEKLY, 'a-name-that-leaves-no-room-for-a-tick'],
  ])('%j of %s is rejected', async (schedule, campaign) => {
    const world = createWorld();
    await upload(world, { schedule }, campaign);
    expect(await rowOf(world, campaign)).toMatchObject({ state: 'rejected', rejection: { code: 'campaign_invalid' } });
    expect(world.kept.size).toBe(0);
  });

  it('whose times the scheduler cannot follow is rejected in its words', async () => {
    const world = createWorld();
    world.ports.schedules.put = async () => {
      throw new CallerError('campaign_invalid', 'The schedule cannot be kept: Invalid Schedule Expression.');
    };
    await upload(world, { schedule: WEEKLY });
    expect(await rowOf(world, 'spring')).toMatchObject({
      state: 'rejected',
      rejection: { sentence: 'The schedule cannot be kept: Invalid Schedule Expression.' },
    });
  });
});
