import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { libraryKeys, rowKeys, SWEEP_MINUTES } from '../../lib/contracts/index.ts';
import { together, warmTwoDispatchers } from './dispatchers.ts';
import { covers, neededRights, RARE, type Right, recordCalls, rightsOf, withoutHash } from './rights.ts';
import { CAMPAIGN, CELLS, drawn, hops, type Outcome, submissions, uploadSubject } from './small-job.ts';
import { eventually, RunningApp, scratchFolder, synthesiseTiny } from './troupe-app.ts';

const HOUR_MS = 3_600_000;

let folder: string;
let app: { cdkOut: string; models: string };
/** What a run leaves in which nothing goes wrong. */
let unbroken: Outcome;

beforeAll(() => {
  folder = scratchFolder('faults');
  app = synthesiseTiny(folder);
  recordCalls(app.cdkOut, `${folder}/calls.jsonl`);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('while nothing goes wrong on its way', () => {
  let cloud: RunningApp;
  beforeAll(async () => {
    cloud = await RunningApp.start(app, `${folder}/quiet`);
  });
  afterAll(() => cloud?.stop());

  it('a subject and a campaign are one job each, and leave what the other runs are held to', async () => {
    await cloud.upload('campaigns/scenes.yaml', CAMPAIGN);
    await uploadSubject(cloud, 'mina');
    unbroken = await drawn(cloud);
    expect(Object.keys(unbroken.variants)).toHaveLength(2 * CELLS);
    expect(Object.keys(unbroken.version)).toContain(`${libraryKeys.version('mina', 1)}adapter.safetensors`);
    expect([await submissions(cloud, 'tune'), await submissions(cloud, 'render')]).toEqual([[1], [1]]);
  });

  // Beside each other: one works, and the other waits for its message to come back five times.
  it.concurrent('a job that is killed every time, and one that can never succeed, end failed with a sentence', async () => {
    await cloud.upload('campaigns/never.yaml', CAMPAIGN.replace('scenes', 'never').replaceAll('mina', 'doomed'));
    await uploadSubject(cloud, 'doomed');
    await uploadSubject(cloud, 'refused', { steps: 0 });
    const failureOf = async (subject: string) => (await cloud.row('subject', rowKeys.subject(subject)))?.failure;
    const killed = new Set<number>();
    const doomed = await eventually('the job that is always killed has failed', 600, async () => {
      const job = (await cloud.row('subject', rowKeys.subject('doomed')))?.job;
      const ended = hops(cloud, 'job.ended').map(({ pid }) => pid);
      for (const { pid = 0, jobName } of hops(cloud, 'job.started')) {
        if (job === undefined || !jobName?.startsWith(job) || killed.has(pid) || ended.includes(pid)) continue;
        killed.add(pid);
        process.kill(pid, 'SIGKILL');
      }
      return failureOf('doomed');
    });
    expect(killed.size).toBe(5);
    expect(doomed.code).toBe('attempts_exhausted');
    expect(doomed.sentence).toMatch(/^The job was started 5 times and stopped each time .* To have it tried again, /);
    const refused = await eventually('the job that is refused has failed', 600, () => failureOf('refused'));
    expect(refused).toEqual({
      code: 'setting_invalid',
      sentence: 'A setting is out of its range: steps is 0, allowed are 1 to 20000.',
    });

    // The job's own row is closed last.
    await eventually('both jobs are closed', 60, async () => {
      const jobs = (await cloud.rows('job')).filter(({ subject }) => subject === 'doomed' || subject === 'refused');
      return jobs.every(({ state }) => state === 'failed') || undefined;
    });
    expect(await cloud.digests(libraryKeys.version('doomed', 1))).toEqual({});
    // The campaign waits for its subject, and says for what; nobody has to look into a log.
    const never = await eventually('the campaign has heard of it', 60, async () => {
      const row = await cloud.row('campaign', rowKeys.campaign('never'));
      return row?.wait?.code === 'subject_failed' ? row : undefined;
    });
    expect(never.state).toBe('waiting');
    const status = await cloud.status();
    expect(status).toContain(`subject doomed: ${doomed.sentence}`);
    expect(status).toContain(`subject refused: ${refused.sentence}`);
    expect(status).toContain(never.wait?.sentence);
  });

  it.concurrent('a message that nobody can read ends among the dead letters, and its nine neighbours are done', async () => {
    const scheduled = `${CAMPAIGN.replace('scenes', 'weekly').replaceAll('mina', 'nobody')}
schedule: { when: cron(0 9 ? * MON *) }
`;
    // Before anything is sent: whoever waits for messages already goes by the old time.
    await cloud.hideFor('CampaignsWork', 5);
    await cloud.upload('campaigns/weekly.yaml', scheduled);
    await eventually('the campaign is scheduled', 60, async () =>
      (await cloud.row('campaign', rowKeys.campaign('weekly')))?.wait?.code === 'scheduled' ? true : undefined,
    );
    const ticks = Array.from({ length: 9 }, (_, week) => new Date(Date.UTC(2030, 0, 7 + 7 * week, 9)).toISOString());
    const messages = ticks.map((time) => JSON.stringify({ event: 'campaign.due', campaign: 'weekly', time }));
    const poison = JSON.stringify({ event: 'campaign.due', campaign: 'weekly', time: 'whenever' });
    messages.splice(4, 0, poison);
    const ids = await cloud.send('CampaignsWork', messages);

    const dead = await eventually('the message is among the dead letters', 300, async () => {
      const found = await cloud.receive('CampaignsDeadLetters');
      return found.length > 0 ? found : undefined;
    });
    expect(dead).toEqual([poison]);
    const made = (await cloud.rows('campaign')).filter(({ tick }) => tick?.campaign === 'weekly');
    expect(made.map(({ tick }) => tick?.time).sort()).toEqual(ticks);
    const [first] = hops(cloud, 'function.invoked').filter(({ messageIds }) => messageIds?.includes(ids[4] ?? ''));
    // In one batch with it, unless the campaign of the other test came between.
    expect(first?.messageIds?.filter((id) => ids.includes(id)).length).toBeGreaterThan(5);
    const failures = hops(cloud, 'function.finished').map(({ failedMessageIds = [] }) => failedMessageIds);
    expect(failures.filter((failed) => failed.length > 0)).toEqual(Array(5).fill([ids[4]]));
  });
});

describe('while every event and every message comes twice, and out of order', () => {
  let cloud: RunningApp;
  let ahead = 0;
  beforeAll(async () => {
    cloud = await RunningApp.start(app, `${folder}/twice`, {
      faults: { seed: 5, rates: { duplicate: 1, reorder: 0.5 } },
      now: () => new Date(Date.now() + ahead),
    });
  });
  afterAll(() => cloud?.stop());

  it('a subject and a campaign are one job each, and leave the same bytes', async () => {
    await cloud.upload('campaigns/scenes.yaml', CAMPAIGN);
    await uploadSubject(cloud, 'mina');
    await drawn(cloud);
    // The last copies come when all is done; they too must change nothing.
    await cloud.quiet();
    expect(await drawn(cloud)).toEqual(unbroken);
    expect([await submissions(cloud, 'tune'), await submissions(cloud, 'render')]).toEqual([[1], [1]]);
    expect(await cloud.rows('version')).toHaveLength(1);

    const routed = hops(cloud, 'event.routed');
    const once = hops(cloud, 'object.created').filter(({ eventId, objectKey = '' }) => {
      const read = /^(subjects\/mina\/[^/]+|campaigns\/scenes\.yaml|campaigns\/[^/]+\/variants\/.*\.png)$/.test(
        objectKey,
      );
      return read && routed.filter((entry) => entry.eventId === eventId).length < 2;
    });
    expect(once).toEqual([]);
    expect(hops(cloud, 'fault.injected').filter(({ fault }) => fault === 'reorder').length).toBeGreaterThan(3);
  });

  it('a schedule that fires twice for one time, and late, draws its campaign once', async () => {
    const daily = `${CAMPAIGN.replace('scenes', 'daily').replace(/seeds: \d+/, 'seeds: 1')}
schedule: { when: cron(0 9 * * ? *), timezone: Europe/Berlin }
`;
    await cloud.upload('campaigns/daily.yaml', daily);
    await eventually('the campaign is scheduled', 60, async () =>
      (await cloud.row('campaign', rowKeys.campaign('daily')))?.wait?.code === 'scheduled' ? true : undefined,
    );
    // A late copy of the file keeps the schedule anew, from the time that it is by then.
    await cloud.quiet();
    // Past nine o'clock by any number of hours; only the time that was missed is drawn.
    ahead = 25 * HOUR_MS;
    const ticked = async () => (await cloud.rows('campaign')).filter(({ tick }) => tick?.campaign === 'daily');
    await eventually('the campaign of the tick is drawn', 600, async () => {
      const [run] = await ticked();
      if (run?.failure) throw new Error(run.failure.sentence);
      return run?.state === 'drawn' || undefined;
    });
    await cloud.quiet();
    const [run, ...more] = await ticked();
    expect(more).toEqual([]);
    expect(run?.state).toBe('drawn');
    const clock = new Intl.DateTimeFormat('en-GB', { timeZone: 'Europe/Berlin', timeStyle: 'short' });
    expect(clock.format(new Date(run?.tick?.time ?? 0))).toBe('09:00');
    expect(hops(cloud, 'event.routed').filter(({ rule }) => rule === 'daily')).toHaveLength(2);
    expect(await submissions(cloud, 'render')).toEqual([1, 1]);
    expect(Object.keys(await cloud.digests(libraryKeys.variants(run?.campaign ?? '')))).toHaveLength(2 * 2);
  });
});

describe('while every reply to a submission is lost, and two dispatchers work at once', () => {
  let cloud: RunningApp;
  beforeAll(async () => {
    cloud = await RunningApp.start(app, `${folder}/lost`, { faults: { seed: 1, rates: { 'lose-reply': 1 } } });
  });
  afterAll(() => cloud?.stop());

  it('one job’s effects are left of several submissions, and the same bytes', async () => {
    await warmTwoDispatchers(cloud);
    const tuning = JSON.stringify({ event: 'subject.ready', subject: 'mina' });
    await together(cloud, async () => {
      await uploadSubject(cloud, 'mina');
      return { queue: 'TuningWork', message: tuning };
    });
    await eventually('the subject is tuned', 600, async () => {
      const subject = await cloud.row('subject', rowKeys.subject('mina'));
      if (subject?.failure) throw new Error(subject.failure.sentence);
      return subject?.state === 'tuned' || undefined;
    });
    await together(cloud, async () => {
      await cloud.upload('campaigns/scenes.yaml', CAMPAIGN);
      const job = await eventually('the campaign is planned', 60, async () => {
        return (await cloud.row('campaign', rowKeys.campaign('scenes')))?.job;
      });
      return {
        queue: 'RenderWork',
        message: JSON.stringify({ event: 'campaign.planned', campaign: 'scenes', job }),
      };
    });
    await drawn(cloud);
    await eventually('every job has ended', 600, () => {
      const [ended, submitted] = [hops(cloud, 'job.ended'), hops(cloud, 'job.submitted')];
      return ended.length >= submitted.length || undefined;
    });
    await cloud.quiet();
    expect(await drawn(cloud)).toEqual(unbroken);
    const rows = await cloud.rows('job');
    expect(rows.map(({ verb, state, epoch }) => ({ verb, state, epoch }))).toEqual(
      expect.arrayContaining([
        { verb: 'tune', state: 'done', epoch: 1 },
        { verb: 'render', state: 'done', epoch: 1 },
      ]),
    );
    expect(rows).toHaveLength(2);
    expect(await cloud.rows('version')).toHaveLength(1);
    // The fault has struck: Batch holds each job more than once. One of them worked, and the others ended well.
    expect(hops(cloud, 'fault.injected').map(({ fault }) => fault)).toEqual(['lose-reply', 'lose-reply']);
    for (const verb of ['tune', 'render'] as const)
      expect(Math.min(...(await submissions(cloud, verb)))).toBeGreaterThan(1);
    expect(hops(cloud, 'job.ended').map(({ exitCode }) => exitCode)).toEqual(hops(cloud, 'job.ended').map(() => 0));
    for (const { job } of rows) {
      const claimed = cloud.jobLogs(job).filter((log) => log.includes('"job.claimed"'));
      expect(claimed).toHaveLength(1);
    }
  });
});

describe('while every event is lost', () => {
  let cloud: RunningApp;
  let ahead = 0;
  beforeAll(async () => {
    cloud = await RunningApp.start(app, `${folder}/lost-events`, {
      faults: { seed: 1, rates: { drop: 1 }, only: /^(Object Created|Batch Job State Change) / },
      now: () => new Date(Date.now() + ahead),
    });
  });
  afterAll(() => cloud?.stop());

  it('the sweep finds what was lost, and brings it to the same bytes', async () => {
    await cloud.upload('campaigns/scenes.yaml', CAMPAIGN);
    await uploadSubject(cloud, 'mina');
    let next = 0;
    // A quarter of an hour passes whenever nothing is at work: of more than a day ago no sweep looks for anything.
    const passTime = () => {
      if (Date.now() < next || isAtWork(cloud)) return;
      next = Date.now() + 3_000;
      ahead += SWEEP_MINUTES * 60_000;
    };
    expect(await drawn(cloud, passTime)).toEqual(unbroken);
    expect([await submissions(cloud, 'tune'), await submissions(cloud, 'render')]).toEqual([[1], [1]]);
    expect(hops(cloud, 'event.routed').filter(({ detailType }) => detailType !== 'Scheduled Event')).toEqual([]);
  });
});

/** Whether a job runs or a function is at its work. */
function isAtWork(cloud: RunningApp): boolean {
  const begun = hops(cloud, 'job.started').length + hops(cloud, 'function.invoked').length;
  return begun > hops(cloud, 'job.ended').length + hops(cloud, 'function.finished').length;
}

describe('what the functions called in all of this', () => {
  it('is what their roles allow, and hardly less', () => {
    const needed = neededRights(app.cdkOut, `${folder}/calls.jsonl`);
    const granted = rightsOf(app.cdkOut);
    const refused: Record<string, Right[]> = {};
    const unused: string[] = [];
    for (const [fn, rights] of granted) {
      const calls = needed.get(fn) ?? [];
      const missing = calls.filter((call) => !rights.some((right) => covers(right, call)));
      if (missing.length > 0) refused[fn] = missing;
      for (const right of rights.filter((one) => !ofLambda(one) && !calls.some((call) => covers(one, call))))
        unused.push(withoutHash(`${fn}: ${right.action} on ${right.resource}`));
    }
    const reasons = unused.map((right) => `  ${right} (${RARE[right] ?? 'too many'})\n`);
    process.stdout.write(`${unused.length} rights that no call needed:\n${reasons.join('')}`);
    expect(refused).toEqual({});
    expect(needed.size).toBe(granted.size);
    expect(unused.filter((right) => !(right in RARE))).toEqual([]);
  });
});

/** Rights that Lambda itself uses in the function's name: to read its queue and to write its log. */
const ofLambda = ({ action }: Right): boolean =>
  action.startsWith('logs:') || (action.startsWith('sqs:') && action !== 'sqs:SendMessage');
