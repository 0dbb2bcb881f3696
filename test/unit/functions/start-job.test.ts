import { describe, expect, it } from 'vitest';
import { ingestUpload } from '../../../functions/ingest-upload/step.ts';
import { startJob } from '../../../functions/start-job/step.ts';
import { CampaignRow, Job, JobRow, libraryKeys, rowKeys, SubjectRow } from '../../../lib/contracts/index.ts';
import { manifest, objectCreated, PASSPORT } from '../../fakes/samples.ts';
import { createWorld, type World } from '../../fakes/world.ts';

const READY = { event: 'subject.ready', subject: 'mina' } as const;
const upload = async (world: World, key: string, content: string) => {
  world.intake.put(key, content);
  await ingestUpload(objectCreated(key), world.ports);
};
const subjectOf = (world: World) => world.ports.state.get(SubjectRow, rowKeys.subject('mina'));
const jobFile = (world: World, job = '') =>
  Job.parse(JSON.parse(Buffer.from(world.library.objects.get(libraryKeys.job(job)) ?? []).toString()));

async function readyWorld(changes: object = {}): Promise<World> {
  const world = createWorld();
  await upload(world, 'subjects/mina/front.png', 'mina front');
  await upload(world, 'subjects/mina/wave.png', 'mina wave');
  await upload(world, 'subjects/mina/subject.yaml', manifest('mina', ['front.png', 'wave.png'], changes));
  return world;
}

describe('a tuning', () => {
  it('is submitted with all it asks for, in the order of the manifest', async () => {
    const world = await readyWorld({ captions: { 'wave.png': 'waving' } });
    await startJob(READY, world.ports);
    const row = await subjectOf(world);
    expect(row).toMatchObject({ state: 'tuning', latestVersion: 1, wait: { code: 'tuning' } });
    const job = jobFile(world, row?.job);
    expect(job).toMatchObject({
      verb: 'tune',
      token: 'sks',
      version: 1,
      noun: 'girl',
      recipe: { method: 'dreambooth-lora', settings: {} },
    });
    expect(job.verb === 'tune' && job.references.map((reference) => reference.caption)).toEqual([undefined, 'waving']);
    expect(world.submissions).toEqual([
      { name: `${row?.job}-1`, job: row?.job, verb: 'tune', market: 'spot', epoch: 1, shards: 1, id: 'batch-1' },
    ]);
    expect(await world.ports.state.get(JobRow, rowKeys.job(row?.job ?? ''))).toMatchObject({
      state: 'submitted',
      batchJob: 'batch-1',
    });
  });

  it('that is asked for again is not submitted again', async () => {
    const world = await readyWorld();
    await startJob(READY, world.ports);
    const rows = structuredClone(world.table.items);
    await startJob(READY, world.ports);
    expect(world.submissions).toHaveLength(1);
    expect(world.table.items).toEqual(rows);
    expect(world.lines.at(-1)?.event).toBe('job.already_submitted');
  });

  it('counts the same picture under two names once', async () => {
    const world = await readyWorld();
    await upload(world, 'subjects/mina/again.png', 'mina front');
    await upload(world, 'subjects/mina/subject.yaml', manifest('mina', ['front.png', 'again.png']));
    await startJob(READY, world.ports);
    const job = jobFile(world, (await subjectOf(world))?.job);
    expect(job.verb === 'tune' && job.references).toHaveLength(1);
  });

  it('of a set that became incomplete meanwhile is not submitted', async () => {
    const world = await readyWorld();
    await upload(world, 'subjects/mina/subject.yaml', manifest('mina', ['front.png', 'later.png']));
    await startJob(READY, world.ports);
    expect(world.submissions).toEqual([]);
    expect(await subjectOf(world)).toMatchObject({ state: 'waiting', wait: { code: 'references_missing' } });
  });

  it('is not submitted when the passport expired since the subject was ready', async () => {
    const world = await readyWorld();
    world.clock.now = new Date('2028-01-01T00:00:00Z');
    await startJob(READY, world.ports);
    expect(world.submissions).toEqual([]);
    expect(await subjectOf(world)).toMatchObject({ state: 'waiting', wait: { code: 'passport_expired' } });
    await upload(
      world,
      'subjects/mina/subject.yaml',
      manifest('mina', ['front.png'], { passport: { ...PASSPORT, expires: '2029-01-01' } }),
    );
    await startJob(READY, world.ports);
    expect(world.submissions).toHaveLength(1);
  });

  it('of a changed set is another job under the next version', async () => {
    const world = await readyWorld();
    await startJob(READY, world.ports);
    await upload(world, 'subjects/mina/wave.png', 'mina waves better');
    await startJob(READY, world.ports);
    expect(await subjectOf(world)).toMatchObject({ state: 'tuning', latestVersion: 2 });
    expect(new Set(world.submissions.map(({ job }) => job)).size).toBe(2);
  });

  it('is not asked for again when only the passport is renewed', async () => {
    const world = await readyWorld();
    await startJob(READY, world.ports);
    const asked = world.sent.tuning.length;
    await upload(
      world,
      'subjects/mina/subject.yaml',
      manifest('mina', ['front.png', 'wave.png'], { passport: { ...PASSPORT, expires: '2029-01-01' } }),
    );
    expect(world.sent.tuning).toHaveLength(asked);
    expect(await subjectOf(world)).toMatchObject({ state: 'tuning', latestVersion: 1 });
  });

  it('whose submission got no answer is found by its name', async () => {
    const world = await readyWorld();
    let lost = true;
    const { submit } = world.ports.batch;
    world.ports.batch = {
      ...world.ports.batch,
      async submit(submission) {
        const id = await submit(submission);
        if (!lost) return id;
        lost = false;
        throw new Error('connection reset');
      },
    };
    await expect(startJob(READY, world.ports)).rejects.toThrow('connection reset');
    await startJob(READY, world.ports);
    expect(world.submissions).toHaveLength(1);
    const job = (await subjectOf(world))?.job ?? '';
    expect(await world.ports.state.get(JobRow, rowKeys.job(job))).toMatchObject({
      state: 'submitted',
      batchJob: 'batch-1',
    });
  });

  it('that two dispatchers submit at once has one row, one version and one epoch', async () => {
    const world = await readyWorld();
    await Promise.all([startJob(READY, world.ports), startJob(READY, world.ports)]);
    expect(await subjectOf(world)).toMatchObject({ latestVersion: 1 });
    expect(new Set(world.submissions.map(({ name, epoch }) => `${name} ${epoch}`)).size).toBe(1);
  });
});

describe('a drawing', () => {
  const JOB = `job_${'0'.repeat(24)}`;
  const PLANNED = { event: 'campaign.planned', campaign: 'spring', job: JOB } as const;
  async function plannedWorld(shards: number): Promise<World> {
    const world = await readyWorld();
    const { state } = world.ports;
    const file = {
      campaign: 'spring',
      subjects: ['mina'],
      prompts: ['{mina}'],
      characteristics: {},
      seeds: 1,
      firstSeed: 0,
    } as const;
    await state.create(CampaignRow, rowKeys.campaign('spring'), {
      ...{ row: 'campaign', campaign: 'spring', state: 'planned', source: '0'.repeat(64), cells: 80, job: JOB },
      file: {
        ...file,
        subjects: ['mina'],
        prompts: ['{mina}'],
        channels: ['square'],
        sampler: { name: 'ddim', steps: 9, guidance: 4 },
        review: 'none',
        upscale: true,
      },
    });
    await state.create(JobRow, rowKeys.job(JOB), {
      row: 'job',
      job: JOB,
      verb: 'render',
      state: 'intended',
      market: 'spot',
      campaign: 'spring',
      epoch: 1,
      shards,
    });
    return world;
  }
  const campaignOf = (world: World) => world.ports.state.get(CampaignRow, rowKeys.campaign('spring'));

  it('is submitted once, with as many shards as were planned', async () => {
    const world = await plannedWorld(3);
    await startJob(PLANNED, world.ports);
    await startJob(PLANNED, world.ports);
    expect(world.submissions).toMatchObject([{ name: `${JOB}-1`, verb: 'render', shards: 3 }]);
    expect(await campaignOf(world)).toMatchObject({
      state: 'rendering',
      wait: { code: 'rendering', sentence: '80 pictures are being drawn.' },
    });
    expect(jobFile(world, JOB)).toMatchObject({
      verb: 'render',
      campaign: 'spring',
      shards: 3,
      plan: 'campaigns/spring/plan.json',
    });
  });

  it('waits when a passport expired after the plan was made', async () => {
    const world = await plannedWorld(1);
    world.clock.now = new Date('2028-01-01T00:00:00Z');
    await startJob(PLANNED, world.ports);
    expect(world.submissions).toEqual([]);
    expect(await campaignOf(world)).toMatchObject({ state: 'waiting', wait: { code: 'passport_expired' } });
  });

  it('waits, too, when a passport expired before it is asked for again at full price, and goes on once that is renewed', async () => {
    const world = await plannedWorld(2);
    await startJob(PLANNED, world.ports);
    const moved = { state: 'intended', epoch: 2, market: 'on-demand', batchJob: undefined } as const;
    await world.ports.state.change(JobRow, rowKeys.job(JOB), (row) => row && { ...row, ...moved });
    world.clock.now = new Date('2028-01-01T00:00:00Z');
    await startJob(PLANNED, world.ports);
    expect(world.submissions).toHaveLength(1);
    expect(await campaignOf(world)).toMatchObject({ state: 'waiting', wait: { code: 'passport_expired' } });
    await upload(
      world,
      'subjects/mina/subject.yaml',
      manifest('mina', ['front.png', 'wave.png'], { passport: { ...PASSPORT, expires: '2029-01-01' } }),
    );
    await world.ports.state.change(
      CampaignRow,
      rowKeys.campaign('spring'),
      (row) => row && { ...row, state: 'planned' as const, wait: undefined },
    );
    await startJob(PLANNED, world.ports);
    expect(world.submissions[1]).toMatchObject({ name: `${JOB}-2`, market: 'on-demand' });
    expect(await campaignOf(world)).toMatchObject({ state: 'rendering' });
  });

  it('that was submitted while its passports were valid is drawn, however late that is told again', async () => {
    const world = await plannedWorld(1);
    await startJob(PLANNED, world.ports);
    await world.ports.state.change(
      CampaignRow,
      rowKeys.campaign('spring'),
      (row) => row && { ...row, state: 'planned' as const, wait: undefined }, // it died before it wrote the rest
    );
    world.clock.now = new Date('2028-01-01T00:00:00Z');
    await startJob(PLANNED, world.ports);
    expect(await campaignOf(world)).toMatchObject({ state: 'rendering' });
  });

  it('that was planned anew under another job is not submitted for the old one', async () => {
    const world = await plannedWorld(1);
    await startJob({ ...PLANNED, job: `job_${'1'.repeat(24)}` }, world.ports);
    expect(world.submissions).toEqual([]);
  });
});
