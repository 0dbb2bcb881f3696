import { describe, expect, it } from 'vitest';
import type { BatchSeen } from '../../../lib/cli/cloud.ts';
import { type CampaignFile, StatusDocument, WaitCode } from '../../../lib/contracts/index.ts';
import { campaignRow, FakeCloud, JOB, jobRow, subjectRow, type } from './fakes.ts';

const since = '2026-11-22T11:48:30.000Z';
const tuning = { code: 'tuning', sentence: 'Version 1 of mina is being tuned.', since } as const;

/** What `troupe status` says of a subject that is being tuned by a job of which Batch says `batch`. */
async function nextOfTuning(batch: BatchSeen | undefined, changes: Parameters<typeof jobRow>[0] = {}) {
  const cloud = new FakeCloud();
  const job = jobRow({ verb: 'tune', subject: 'mina', campaign: undefined, batchJob: 'b1', ...changes });
  cloud.rows = [subjectRow({ state: 'tuning', job: JOB, wait: tuning }), job];
  cloud.put(`jobs/${JOB}/progress.json`, { job: JOB, phase: 'tune', step: 30, of: 300, secondsLeft: 90 });
  if (batch) cloud.batchJobs.set('b1', batch);
  const { answer } = await type(['status', '--json'], { cloud });
  const { waits } = StatusDocument.parse(JSON.parse(answer));
  expect(waits).toHaveLength(1); // the job is told with its subject, not beside it
  return waits[0]?.next;
}

describe('what happens next', () => {
  it.each(WaitCode.options)('is said of whatever waits for %s', async (code) => {
    const cloud = new FakeCloud();
    cloud.rows = [campaignRow({ state: 'waiting', wait: { code, sentence: 'It is so.', since } })];
    const { answer } = await type(['status'], { cloud });
    expect(answer).toMatch(/campaign spring, for 11 min 30 s: It is so\. [A-Z].+\./);
  });

  it.each<[string, BatchSeen | undefined, Parameters<typeof jobRow>[0], string]>([
    [
      'that nobody has submitted',
      undefined,
      { state: 'intended', batchJob: undefined },
      'by the sweep, which looks every 15 min',
    ],
    ['that Batch has forgotten', undefined, {}, 'Batch does not know it any more'],
    [
      'for which spot is full',
      { status: 'RUNNABLE', statusReason: 'CAPACITY:full' },
      {},
      'spot machine (CAPACITY:full); when',
    ],
    [
      'for which all is full',
      { status: 'RUNNABLE' },
      { market: 'on-demand' },
      'at full price; when there is none for 6 hours',
    ],
    ['that runs', { status: 'RUNNING' }, {}, 'The worker is at it: tune 30/300, 1 min 30 s left.'],
    [
      'that has ended',
      { status: 'FAILED', statusReason: 'Host EC2 terminated' },
      {},
      'It has ended (Host EC2 terminated)',
    ],
    [
      'of many shards',
      { status: 'PENDING', shards: { RUNNING: 2, SUCCEEDED: 20, FAILED: 0 } },
      {},
      '2 running, 20 succeeded.',
    ],
  ])('is told of a job %s', async (_what, batch, changes, expected) => {
    expect(await nextOfTuning(batch, changes)).toContain(expected);
  });

  it('is told of what is ready or planned and was not begun', async () => {
    const cloud = new FakeCloud();
    cloud.rows = [subjectRow({ state: 'ready' }), campaignRow({ state: 'planned', cells: 40 })];
    const { answer } = await type(['status'], { cloud });
    expect(answer).toContain(
      'subject mina, for 2 min 00 s: Its pictures are complete. Its job is about to be submitted',
    );
    expect(answer).toContain('campaign spring, for 2 min 00 s: Its 40 pictures are planned. Its job is about to be');
  });

  it.each([
    ['2026-11-22T12:00:00Z', 'Its `until` is over, and it is drawn no more; upload the file with a later one'],
    ['2026-11-22T12:00:01Z', 'The schedule’s next tick makes a campaign of its own.'],
  ])('is told of a schedule that goes until %s', async (until, expected) => {
    const cloud = new FakeCloud();
    const wait = { code: 'scheduled', sentence: 'It is drawn at rate(7 days).', since } as const;
    const file = { ...campaignRow().file, schedule: { when: 'rate(7 days)', timezone: 'UTC', until } };
    cloud.rows = [campaignRow({ state: 'scheduled', file: file as CampaignFile, wait })];
    expect((await type(['status'], { cloud })).answer).toContain(`It is drawn at rate(7 days). ${expected}`);
  });

  it('is told of a job whose subject has gone on without it', async () => {
    const cloud = new FakeCloud();
    cloud.rows = [subjectRow(), jobRow({ verb: 'tune', subject: 'mina', campaign: undefined, batchJob: 'b1' })];
    cloud.batchJobs.set('b1', { status: 'STARTING' });
    const { answer } = await type(['status'], { cloud });
    expect(answer).toContain(`job ${JOB}, for 2 min 00 s: It is to tune mina. A machine is there`);
  });
});
