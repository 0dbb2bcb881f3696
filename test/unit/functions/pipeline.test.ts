import { beforeAll, describe, expect, it, vi } from 'vitest';
import { enter, importHandlers } from '../../fakes/handlers.ts';
import { createPipeline, createRandom, type Faults, type Handlers } from '../../fakes/pipeline.ts';
import { campaignFile, manifest } from '../../fakes/samples.ts';
import { createWorld, type Touch } from '../../fakes/world.ts';

vi.mock('../../../functions/_shared/live.ts', async () => ({
  live: (await import('../../fakes/handlers.ts')).fakeLive,
}));
vi.mock('../../../functions/_shared/live-pictures.ts', async () => ({
  liveWithPictures: (await import('../../fakes/handlers.ts')).fakeLive,
}));
vi.mock('../../../functions/_shared/logger.ts', async () => ({
  createLogger: (await import('../../fakes/handlers.ts')).fakeLogger,
}));

let handlers: Handlers;
beforeAll(async () => {
  handlers = await importHandlers();
}, 60_000);

const FILES = ['front.png', 'wave.png'];
const TWO = ['mina', 'otto'];

/** Runs are short, but this machine may be busy with a training. */
const PATIENCE = { timeout: 60_000 };

/** From the first upload to the last score: one campaign that comes before any of its subjects is known. */
async function runAll(subjects: readonly string[], faults: Faults = {}, touch?: Touch) {
  const world = createWorld(touch);
  enter(world);
  const pipeline = createPipeline(world, handlers, faults);
  pipeline.upload(
    'campaigns/spring.yaml',
    campaignFile('spring', { subjects, prompts: ['{subject} waving, on a beach'] }),
  );
  for (const subject of subjects) {
    for (const file of FILES) pipeline.upload(`subjects/${subject}/${file}`, `${subject} ${file}`);
    pipeline.upload(`subjects/${subject}/subject.yaml`, manifest(subject, FILES));
  }
  await pipeline.run();
  return { world, pipeline };
}

/** All that lasts, without the counts of how often it was written. */
function lasting({ table, library }: Awaited<ReturnType<typeof runAll>>['world']) {
  const rows = [...table.items].map(([key, { revision: _, ...row }]) => [key, row] as const);
  const objects = [...library.objects].map(([key, bytes]) => [key, Buffer.from(bytes).toString()] as const);
  // Which of two equal submissions came first is Batch’s affair.
  const text = JSON.stringify([rows.sort(byKey), objects.sort(byKey)]);
  return JSON.parse(text.replaceAll(/batch-\d+/g, 'batch'));
}
const byKey = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]) => (a < b ? -1 : 1);

describe('the whole pipeline', () => {
  it('goes from uploads to scores, with one job for each tuning and one for the campaign', async () => {
    const { world, pipeline } = await runAll(TWO);
    const { rows, counts } = summary(world);
    expect(rows('campaign')).toMatchObject([{ state: 'drawn', cells: 2 }]);
    expect(rows('subject')).toMatchObject([{ state: 'tuned' }, { state: 'tuned' }]);
    expect(counts('variant')).toBe(2);
    expect(rows('variant')).toMatchObject([{ scores: { rank: 1, ofSubjects: 2 } }, { scores: { rank: 1 } }]);
    expect(rows('variant').map(({ large }) => large)).toEqual(['written', 'written']);
    expect(world.submissions.map(({ verb }) => verb).sort()).toEqual(['render', 'tune', 'tune']);
    expect(pipeline.deadLetters).toEqual([]);
  });

  it('ends the same when everything is delivered twice and in any order', PATIENCE, async () => {
    const expected = lasting((await runAll(TWO)).world);
    for (let seed = 1; seed <= 6; seed += 1) {
      const { world, pipeline } = await runAll(TWO, { random: createRandom(seed), copies: 2 });
      expect(lasting(world), `seed ${seed}`).toEqual(expected);
      expect(world.submissions, `seed ${seed}`).toHaveLength(3);
      expect(pipeline.deadLetters).toEqual([]);
    }
  });

  it(
    'ends the same when a function is killed at any touch of the world, before or after it took effect',
    PATIENCE,
    async () => {
      const one = ['mina'];
      const expected = lasting((await runAll(one)).world);
      let touches = 0;
      await runAll(one, {}, () => {
        touches += 1;
      });
      expect(touches).toBeGreaterThan(150);
      // Every seventh, which is odd: before and after a touch take turns, so both are met. All of them, and 150 orders, hold too (a minute).
      for (let fatal = 1; fatal <= touches; fatal += 7) {
        let count = 0;
        const { world, pipeline } = await runAll(one, {}, (name, moment) => {
          count += 1;
          if (count === fatal) throw new Error(`killed ${moment} ${name}`);
        });
        expect(lasting(world), `killed at touch ${fatal}`).toEqual(expected);
        expect(world.submissions, `killed at touch ${fatal}`).toHaveLength(2);
        expect(pipeline.deadLetters).toEqual([]);
      }
    },
  );

  it('logs no prompt, no file and no whole event', async () => {
    const { world } = await runAll(TWO);
    const logged = JSON.stringify(world.lines);
    expect(world.lines.length).toBeGreaterThan(20);
    for (const secret of ['on a beach', 'Example Studio', 'png of', 'Object Created'])
      expect(logged).not.toContain(secret);
  });

  it('lets nine neighbours of a poison message succeed', async () => {
    const world = createWorld();
    enter(world);
    const names = Array.from({ length: 9 }, (_, i) => `${i}.png`);
    for (const name of names) world.intake.put(`subjects/mina/${name}`, `mina ${name}`);
    const { objectCreated } = await import('../../fakes/samples.ts');
    const bodies = names.map((name) => JSON.stringify(objectCreated(`subjects/mina/${name}`)));
    bodies.splice(4, 0, '{"detail": {"secret": "canary"}}');
    const Records = bodies.map((body, index) => ({ messageId: `m${index}`, body }));
    expect(await handlers.uploads({ Records }, {})).toEqual({ batchItemFailures: [{ itemIdentifier: 'm4' }] });
    expect(summary(world).counts('reference')).toBe(9);
    expect(world.lines.filter(({ event }) => event === 'record.failed')).toMatchObject([
      { error: 'MessageInvalidError' },
    ]);
    expect(JSON.stringify(world.lines)).not.toContain('canary');
  });

  it('puts what can never be read where a person can look, and goes on', async () => {
    const world = createWorld();
    enter(world);
    const pipeline = createPipeline(world, handlers);
    for (const feed of ['uploads', 'campaigns', 'start', 'jobChanges', 'variants'] as const)
      pipeline.send(feed, 'not JSON');
    await pipeline.run();
    expect(pipeline.deadLetters).toHaveLength(5);
  });
});

function summary({ table }: ReturnType<typeof createWorld>) {
  const rows = (list: string) => [...table.items.values()].filter((item) => item.list === list);
  return { rows, counts: (list: string) => rows(list).length };
}
