import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createSchedules } from '../../functions/_shared/event-schedules.ts';
import { FaultInjector } from '../../lib/local/faults/injector.ts';
import { NO_FAULTS } from '../../lib/local/faults/plan.ts';
import type { LocalService } from '../../lib/local/http.ts';
import { SchedulerApi } from '../../lib/local/schedules/api.ts';
import { ScheduleClock } from '../../lib/local/schedules/clock.ts';
import { serveScheduler } from '../../lib/local/schedules/server.ts';
import { Trace } from '../../lib/local/trace.ts';

const HOME = { group: 'trial', role: 'arn:role', queue: 'arn:queue', deadLetters: 'arn:letters' };
const WEEKLY = {
  name: 'spring',
  token: 'a'.repeat(64),
  when: 'cron(0 9 ? * MON *)',
  timezone: 'Europe/Berlin',
  from: undefined,
  until: new Date('2026-12-31T00:00:00Z'),
  message: { event: 'campaign.due', campaign: 'spring', time: '<aws.scheduler.scheduled-time>' },
} as const;

let folder: string;
let server: LocalService;
let api: SchedulerApi;
let sent: unknown[];
let now: Date;
let clock: ScheduleClock;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'schedules-'));
  now = new Date('2026-03-27T12:00:00Z');
  sent = [];
  const trace = new Trace(join(folder, 'trace.jsonl'));
  const places = { account: '1', region: 'us-east-1', now: () => now };
  clock = new ScheduleClock(
    {
      ...{ trace, faults: new FaultInjector(NO_FAULTS, trace), ...places },
      deliver: async (_name, { arn, deadLetterArn }, input) =>
        void sent.push({ arn, deadLetterArn, ...JSON.parse(input) }),
    },
    [],
    [],
  );
  api = new SchedulerApi(clock, { ...places, groups: ['trial'] }, []);
  server = await serveScheduler(() => api);
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'TEST');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await server.close();
  rmSync(folder, { recursive: true });
});

const schedules = (endpoint = server.endpoint, home = HOME) =>
  createSchedules(home, { AWS_REGION: 'us-east-1', AWS_ENDPOINT_URL_SCHEDULER: endpoint });
const kept = () => api.call('GET', 'spring', 'trial', {});

it('a schedule is made, changed, and sends its campaign’s name with the time that it was for', async () => {
  await schedules().put(WEEKLY);
  expect(kept()).toMatchObject({ ScheduleExpression: WEEKLY.when, EndDate: 1_798_675_200 });
  await schedules().put({ ...WEEKLY, when: 'rate(1 hour)' });
  await schedules().put({ ...WEEKLY, when: 'rate(1 hour)' });
  expect(kept()).toMatchObject({ ScheduleExpression: 'rate(1 hour)' });
  now = new Date('2026-03-27T13:10:00Z');
  await clock.look();
  expect(sent).toEqual([
    {
      ...{ arn: 'arn:queue', deadLetterArn: 'arn:letters' },
      ...{ event: 'campaign.due', campaign: 'spring', time: '2026-03-27T13:00:00Z' },
    },
  ]);
});

it('a schedule is removed, also when it is gone already', async () => {
  await schedules().put(WEEKLY);
  await schedules().remove('spring');
  await schedules().remove('spring');
  expect(kept).toThrow(/does not exist/);
});

it('one whose times cannot be followed is its owner’s to mend', async () => {
  const wrong = schedules().put({ ...WEEKLY, when: 'cron(0 99 ? * MON *)' });
  await expect(wrong).rejects.toMatchObject({ name: 'CallerError', code: 'campaign_invalid' });
  await expect(wrong).rejects.toThrow('The schedule cannot be kept: Invalid Schedule Expression cron(0 99 ? * MON *).');
});

it('a scheduler that is away may come back; a group that is missing is our own mistake', async () => {
  const gone = await serveScheduler(() => undefined);
  await gone.close();
  await expect(schedules(gone.endpoint).put(WEEKLY)).rejects.toMatchObject({ name: 'PassingError' });
  const lost = schedules(server.endpoint, { ...HOME, group: 'nowhere' }).put(WEEKLY);
  await expect(lost).rejects.toMatchObject({ name: 'Error', message: 'Scheduler answered 404' });
});
