import { describe, expect, it } from 'vitest';
import { ingestUpload } from '../../../functions/ingest-upload/step.ts';
import { recordJob } from '../../../functions/record-job/step.ts';
import { startJob } from '../../../functions/start-job/step.ts';
import { sweepState } from '../../../functions/sweep-state/step.ts';
import { JobRow, rowKeys, SubjectRow, VersionRow } from '../../../lib/contracts/index.ts';
import { manifest, objectCreated } from '../../fakes/samples.ts';
import { jobEnded, work } from '../../fakes/worker.ts';
import { createWorld, type Touch, type World } from '../../fakes/world.ts';

const READY = { event: 'subject.ready', subject: 'mina' } as const;
const MOMENTS = ['before', 'after'] as const;
/** Every touch of the world is tried, and this machine may be busy. */
const PATIENCE = { timeout: 60_000 };

class Killed extends Error {}

/** A subject that is ready, in a world where `during` may be set to what happens around each touch. */
async function readyWorld() {
  const around: { during?: Touch | undefined } = {};
  const world = createWorld((call, moment) => around.during?.(call, moment));
  const put = async (key: string, content: string) => {
    world.intake.put(key, content);
    await ingestUpload(objectCreated(key), world.ports);
  };
  await put('subjects/mina/front.png', 'mina front');
  await put('subjects/mina/subject.yaml', manifest('mina', ['front.png']));
  world.sent.tuning.length = 0;
  return { world, around };
}

/** The touches of one unbroken run of `task`. */
async function touchesOf(task: (world: World) => Promise<void>): Promise<string[]> {
  const { world, around } = await readyWorld();
  const touches: string[] = [];
  around.during = (call, moment) => void (moment === 'before' && touches.push(call));
  await task(world);
  return touches;
}

/** Have `happen` happen once, around the touch of that place. */
function once(place: number, when: 'before' | 'after', happen: () => void | Promise<void>): Touch {
  let touched = -1;
  let done = false;
  return async (_call, moment) => {
    if (moment === 'before') touched += 1;
    if (done || touched !== place || moment !== when) return;
    done = true;
    await happen();
  };
}

const kill = () => {
  throw new Killed();
};
const dispatchOnce = (world: World) => startJob(READY, world.ports);

/** Let every submitted job work and end; a claim lets only the first of a name work. */
async function finish(world: World): Promise<void> {
  const claimed = new Set<string>();
  for (const submitted of world.submissions) {
    if (!claimed.has(submitted.job)) work(world, submitted);
    claimed.add(submitted.job);
    await recordJob(jobEnded(submitted), world.ports);
  }
}

async function expectOneJob(world: World, about: string): Promise<void> {
  const { state } = world.ports;
  const subject = await state.get(SubjectRow, rowKeys.subject('mina'));
  expect(subject, about).toMatchObject({ state: 'tuned', latestVersion: 1 });
  const jobs = await state.list(JobRow);
  expect(jobs, about).toMatchObject([{ job: subject?.job, state: 'done', epoch: 1 }]);
  expect(await state.list(VersionRow), about).toMatchObject([{ version: 1, job: subject?.job }]);
}

describe('a dispatch', () => {
  it('that is killed between any two effects is ended by the next one, with one submission', PATIENCE, async () => {
    const touches = await touchesOf(dispatchOnce);
    // Intent, look-up, submission, record: the effects that the protocol is about are all among the moments.
    expect(touches).toEqual(expect.arrayContaining(['library.create', 'table.put', 'batch.find', 'batch.submit']));
    for (const place of touches.keys()) {
      for (const moment of MOMENTS) {
        const about = `killed ${moment} ${touches[place]} (${place})`;
        const { world, around } = await readyWorld();
        around.during = once(place, moment, kill);
        await expect(dispatchOnce(world), about).rejects.toThrow(Killed);
        await dispatchOnce(world);
        expect(world.submissions, about).toHaveLength(1);
        await finish(world);
        await expectOneJob(world, about);
      }
    }
  });

  it('beside another, at any moment of it, leaves one job’s effects', PATIENCE, async () => {
    const touches = await touchesOf(dispatchOnce);
    let twins = 0;
    for (const place of touches.keys()) {
      const about = `a second dispatcher before ${touches[place]} (${place})`;
      const { world, around } = await readyWorld();
      around.during = once(place, 'before', () => dispatchOnce(world));
      await dispatchOnce(world);
      if (world.submissions.length > 1) twins += 1;
      expect(new Set(world.submissions.map(({ name }) => name)).size, about).toBe(1);
      await finish(world);
      await expectOneJob(world, about);
    }
    // Both looked before either had submitted: that is what the claim is for.
    expect(twins).toBeGreaterThan(0);
  });
});

describe('a move to machines on demand', () => {
  const noMachine = { statusReason: 'CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY - nothing free', attempts: [] };

  it('that is killed between any two effects is ended by the next news or by the sweep', PATIENCE, async () => {
    const move = async (world: World) => {
      const [submitted] = world.submissions;
      if (submitted) await recordJob(jobEnded(submitted, 'FAILED', noMachine), world.ports);
    };
    const { world: calm, around: seen } = await readyWorld();
    await dispatchOnce(calm);
    const touches: string[] = [];
    seen.during = (call, moment) => void (moment === 'before' && touches.push(call));
    await move(calm);
    for (const place of touches.keys()) {
      for (const moment of MOMENTS) {
        const about = `killed ${moment} ${touches[place]} (${place})`;
        const { world, around } = await readyWorld();
        await dispatchOnce(world);
        around.during = once(place, moment, kill);
        await expect(move(world), about).rejects.toThrow(Killed);
        await move(world);
        const tick = new Date(world.clock.now.getTime() + 15 * 60_000);
        await sweepState({ source: 'aws.events', time: tick.toISOString() }, world.ports);
        for (const _ of world.sent.tuning.splice(0)) await dispatchOnce(world);
        expect(
          world.submissions.map(({ epoch, market }) => `${epoch} ${market}`),
          about,
        ).toEqual(['1 spot', '2 on-demand']);
      }
    }
  });
});
