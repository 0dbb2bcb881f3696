import { describe, expect, it } from 'vitest';
import { ingestUpload } from '../../../functions/ingest-upload/step.ts';
import { planCampaign } from '../../../functions/plan-campaign/step.ts';
import { recordJob } from '../../../functions/record-job/step.ts';
import { startJob } from '../../../functions/start-job/step.ts';
import { CampaignRow, JobRow, libraryKeys, rowKeys, SubjectRow, VersionRow } from '../../../lib/contracts/index.ts';
import { campaignFile, manifest, objectCreated } from '../../fakes/samples.ts';
import { jobEnded, work } from '../../fakes/worker.ts';
import { createWorld, type World } from '../../fakes/world.ts';

const READY = { event: 'subject.ready', subject: 'mina' } as const;
const upload = async (world: World, key: string, content: string) => {
  world.intake.put(key, content);
  const step = key.startsWith('campaigns/') ? planCampaign : ingestUpload;
  await step(objectCreated(key), world.ports);
};
const subjectOf = (world: World) => world.ports.state.get(SubjectRow, rowKeys.subject('mina'));
const campaignOf = (world: World) => world.ports.state.get(CampaignRow, rowKeys.campaign('spring'));
const jobOf = (world: World, job = '') => world.ports.state.get(JobRow, rowKeys.job(job));

async function tuningWorld() {
  const world = createWorld();
  await upload(world, 'subjects/mina/front.png', 'mina front');
  await upload(world, 'subjects/mina/subject.yaml', manifest('mina', ['front.png']));
  await startJob(READY, world.ports);
  const [submitted] = world.submissions;
  if (!submitted) throw new Error('nothing was submitted');
  return { world, submitted };
}

async function renderingWorld(seeds: number, shardCells: number) {
  const { world, submitted: tuning } = await tuningWorld();
  work(world, tuning);
  await recordJob(jobEnded(tuning), world.ports);
  world.settings.shardCells = shardCells;
  await upload(world, 'campaigns/spring.yaml', campaignFile('spring', { seeds }));
  await startJob(
    { event: 'campaign.planned', campaign: 'spring', job: (await campaignOf(world))?.job ?? '' },
    world.ports,
  );
  const submitted = world.submissions[1];
  if (!submitted) throw new Error('no drawing was submitted');
  return { world, submitted };
}

describe('a tuning that is done', () => {
  it('makes a version, then a tuned subject, then the news', async () => {
    const { world, submitted } = await tuningWorld();
    work(world, submitted);
    await recordJob(jobEnded(submitted), world.ports);
    const version = await world.ports.state.get(VersionRow, rowKeys.version('mina', 1));
    expect(version).toMatchObject({ method: 'dreambooth-lora', token: 'sks', job: submitted.job });
    expect(version?.adapter.key).toBe('subjects/mina/versions/1/adapter.safetensors');
    expect(await subjectOf(world)).toMatchObject({ state: 'tuned', latestVersion: 1 });
    expect((await subjectOf(world))?.wait).toBeUndefined();
    expect(world.sent.campaigns).toEqual([{ event: 'subject.tuned', subject: 'mina', version: 1 }]);
    expect(await jobOf(world, submitted.job)).toMatchObject({ state: 'done', seconds: { load: 1, work: 2 } });
  });

  it('is recorded once, however often its end is told', async () => {
    const { world, submitted } = await tuningWorld();
    work(world, submitted);
    await recordJob(jobEnded(submitted), world.ports);
    const rows = structuredClone(world.table.items);
    await recordJob(jobEnded(submitted), world.ports);
    await recordJob(jobEnded(submitted, 'FAILED'), world.ports);
    expect(world.table.items).toEqual(rows);
    expect(world.sent.campaigns).toHaveLength(1);
  });

  it('of a set that changed meanwhile is kept as a version, and the subject goes on with the newer one', async () => {
    const { world, submitted } = await tuningWorld();
    await upload(world, 'subjects/mina/front.png', 'mina in a better light');
    await startJob(READY, world.ports);
    work(world, submitted);
    await recordJob(jobEnded(submitted), world.ports);
    expect(await world.ports.state.get(VersionRow, rowKeys.version('mina', 1))).toBeDefined();
    expect(await subjectOf(world)).toMatchObject({ state: 'tuning', latestVersion: 2 });
    expect(world.sent.campaigns).toEqual([]);
  });

  it('is found again when its subject returns to the set it was made from', async () => {
    const { world, submitted } = await tuningWorld();
    work(world, submitted);
    await recordJob(jobEnded(submitted), world.ports);
    await upload(world, 'subjects/mina/subject.yaml', manifest('mina', ['front.png', 'later.png']));
    expect(await subjectOf(world)).toMatchObject({ state: 'waiting' });
    await upload(world, 'subjects/mina/subject.yaml', manifest('mina', ['front.png']));
    await startJob(READY, world.ports);
    expect(await subjectOf(world)).toMatchObject({ state: 'tuned', latestVersion: 1 });
    expect(world.submissions).toHaveLength(1);
  });
});

describe('a job that failed', () => {
  const failure = { code: 'out_of_memory', sentence: 'The GPU has 16 GB; this asks for more.' };
  const failed = (job: string, changes: object = {}) =>
    JSON.stringify({
      ...{
        job,
        verb: 'tune',
        epoch: 1,
        attempt: 1,
        shard: 0,
        seconds: {},
        device: 'none',
        libraries: {},
        state: 'failed',
      },
      ...failure,
      ...changes,
    });

  it('says why, in the words of the worker, and wakes who waits for it', async () => {
    const { world, submitted } = await tuningWorld();
    await upload(world, 'campaigns/spring.yaml', campaignFile('spring'));
    world.library.put(`jobs/${submitted.job}/result.json`, failed(submitted.job));
    await recordJob(jobEnded(submitted, 'FAILED'), world.ports);
    expect(await subjectOf(world)).toMatchObject({ state: 'failed', failure });
    expect(await jobOf(world, submitted.job)).toMatchObject({ state: 'failed', failure });
    expect(world.sent.campaigns).toEqual([{ event: 'campaign.waiting', campaign: 'spring' }]);
  });

  it('does not hear a worker of an older epoch', async () => {
    const { world, submitted } = await tuningWorld();
    await world.ports.state.change(JobRow, rowKeys.job(submitted.job), (row) => row && { ...row, epoch: 2 });
    world.library.put(`jobs/${submitted.job}/result.json`, failed(submitted.job, { epoch: 1 }));
    const ended = jobEnded(submitted, 'FAILED', { attempts: [{ container: { exitCode: 1 } }] });
    await recordJob(ended, world.ports);
    expect(await jobOf(world, submitted.job)).toMatchObject({ state: 'submitted' });
    const detail = { ...ended.detail, jobName: `${submitted.job}-2` };
    await recordJob({ ...ended, detail }, world.ports);
    expect(await jobOf(world, submitted.job)).toMatchObject({ failure: { code: 'no_result' } });
  });

  it.each([
    [
      'attempts_exhausted',
      { attempts: [{ container: { exitCode: 75 } }, { container: {} }], statusReason: 'Host EC2 terminated' },
      'started 2 times',
    ],
    ['attempts_exhausted', { attempts: [{ container: { exitCode: 137 } }] }, 'started once'],
    ['no_result', { attempts: [{ container: { exitCode: 1 } }] }, 'with exit status 1'],
    ['no_result', {}, 'left no result'],
    ['cancelled', { isTerminated: true, statusReason: 'not needed any more' }, 'not needed any more'],
  ])('without a result is %s: %o', async (code, detail, sentence) => {
    const { world, submitted } = await tuningWorld();
    await recordJob(jobEnded(submitted, 'FAILED', detail), world.ports);
    const row = await jobOf(world, submitted.job);
    expect(row).toMatchObject({ state: 'failed', failure: { code } });
    expect(row?.failure?.sentence).toContain(sentence);
    expect(row?.failure?.sentence).toContain('To have it tried again, change a reference');
  });

  it('is not judged by the end of a twin that lost the claim', async () => {
    const { world, submitted } = await tuningWorld();
    work(world, submitted);
    const result = world.library.objects.get(`jobs/${submitted.job}/result.json`) ?? new Uint8Array();
    world.library.objects.delete(`jobs/${submitted.job}/result.json`);
    await recordJob(jobEnded({ ...submitted, id: 'batch-twin' }), world.ports);
    expect(await jobOf(world, submitted.job)).toMatchObject({ state: 'submitted' });
    world.library.put(`jobs/${submitted.job}/result.json`, result);
    await recordJob(jobEnded(submitted), world.ports);
    expect(await jobOf(world, submitted.job)).toMatchObject({ state: 'done' });
  });

  it('is not judged by the end of a twin before anybody claims it', async () => {
    const { world, submitted } = await tuningWorld();
    await recordJob(jobEnded({ ...submitted, id: 'batch-twin' }, 'FAILED'), world.ports);
    expect(await jobOf(world, submitted.job)).toMatchObject({ state: 'submitted' });
  });
});

describe('a drawing', () => {
  it('is drawn when every shard is done, and not before', async () => {
    const { world, submitted } = await renderingWorld(4, 2);
    work(world, submitted);
    const shard = libraryKeys.jobState(submitted.job, 1, 2);
    const result = world.library.objects.get(`${shard}result.json`) ?? new Uint8Array();
    world.library.objects.delete(`${shard}result.json`);
    world.library.put(
      `${shard}claim.json`,
      JSON.stringify({ job: submitted.job, epoch: 1, holder: 'batch-twin:1', attempt: 1 }),
    );
    await recordJob(jobEnded(submitted), world.ports);
    expect(await campaignOf(world)).toMatchObject({ state: 'rendering' });
    world.library.put(`${shard}result.json`, result);
    await recordJob(jobEnded(submitted), world.ports);
    expect(await campaignOf(world)).toMatchObject({ state: 'drawn', cells: 4 });
    expect(await jobOf(world, submitted.job)).toMatchObject({ state: 'done', seconds: { work: 4 } });
  });

  it('names the shards that left nothing', async () => {
    const { world, submitted } = await renderingWorld(4, 2);
    await recordJob(jobEnded(submitted, 'FAILED'), world.ports);
    expect(await campaignOf(world)).toMatchObject({ state: 'failed', failure: { code: 'no_result' } });
    expect((await campaignOf(world))?.failure?.sentence).toContain('2 of 2 shards ended without a result: 0, 1;');
  });

  it('that ended before anybody wrote that it runs is drawn all the same', async () => {
    const { world, submitted } = await renderingWorld(1, 2);
    await world.ports.state.change(
      CampaignRow,
      rowKeys.campaign('spring'),
      (row) => row && { ...row, state: 'planned' as const },
    );
    work(world, submitted);
    await recordJob(jobEnded(submitted), world.ports);
    expect(await campaignOf(world)).toMatchObject({ state: 'drawn' });
  });
});

describe('an event', () => {
  it.each([
    ['of a shard', (name: string) => jobEnded({ name, id: 'batch-1:0' }, 'FAILED', { arrayProperties: { index: 0 } })],
    ['of a job that is not ours', () => jobEnded({ name: 'nightly-backup', id: 'b' }, 'FAILED')],
    ['of a job that nobody knows', () => jobEnded({ name: `job_${'f'.repeat(24)}-1`, id: 'b' }, 'FAILED')],
    [
      'of a job that still runs',
      (name: string) => ({
        ...jobEnded({ name, id: 'batch-1' }),
        detail: { jobId: 'batch-1', jobName: name, status: 'RUNNING' },
      }),
    ],
  ])('%s changes nothing', async (_what, event) => {
    const { world, submitted } = await tuningWorld();
    const rows = structuredClone(world.table.items);
    await recordJob(event(submitted.name), world.ports);
    expect(world.table.items).toEqual(rows);
  });
});

describe('a job for which spot has no machine', () => {
  const noCapacity = (submitted: Parameters<typeof jobEnded>[0]) => {
    const event = jobEnded(submitted);
    const statusReason = 'CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY - Service cannot fulfill the capacity request';
    return { ...event, detail: { ...event.detail, status: 'FAILED', statusReason, attempts: [] } };
  };

  it('is asked for again on demand, under the next epoch, once', async () => {
    const { world, submitted } = await tuningWorld();
    await recordJob(noCapacity(submitted), world.ports);
    await recordJob(noCapacity(submitted), world.ports);
    expect(await jobOf(world, submitted.job)).toMatchObject({ state: 'intended', epoch: 2, market: 'on-demand' });
    for (const _ of world.sent.tuning.splice(0)) await startJob(READY, world.ports);
    expect(world.submissions.map(({ name, market }) => [name, market])).toEqual([
      [`${submitted.job}-1`, 'spot'],
      [`${submitted.job}-2`, 'on-demand'],
    ]);
  });

  it('is done when the worker of the second epoch finds what a twin did in the first', async () => {
    const { world, submitted } = await tuningWorld();
    await recordJob(noCapacity(submitted), world.ports);
    await startJob(READY, world.ports);
    const [, dear] = world.submissions;
    if (!dear) throw new Error('nothing was submitted on demand');
    work(world, submitted); // of epoch 1
    await recordJob(jobEnded(dear), world.ports);
    expect(await jobOf(world, submitted.job)).toMatchObject({ state: 'done', epoch: 2 });
    expect(await subjectOf(world)).toMatchObject({ state: 'tuned' });
  });

  it('fails when there is none on demand either', async () => {
    const { world, submitted } = await tuningWorld();
    await recordJob(noCapacity(submitted), world.ports);
    await startJob(READY, world.ports);
    const [, dear] = world.submissions;
    if (!dear) throw new Error('nothing was submitted on demand');
    await recordJob(noCapacity(dear), world.ports);
    expect(await jobOf(world, submitted.job)).toMatchObject({ state: 'failed', failure: { code: 'no_capacity' } });
    expect(await subjectOf(world)).toMatchObject({ state: 'failed' });
  });
});

describe('an array job for which spot has no machine', () => {
  const statusReason = 'CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY - Service cannot fulfill the capacity request';
  type Submitted = Parameters<typeof jobEnded>[0];
  const shardEnded = ({ name, id }: Submitted, index: number) =>
    jobEnded({ name, id: `${id}:${index}` }, 'FAILED', {
      ...{ statusReason, isCancelled: true, arrayProperties: { index } },
    });
  const parentEnded = (submitted: Submitted) =>
    jobEnded(submitted, 'FAILED', { statusReason: 'Array Child Job failed', arrayProperties: { size: 2 } });
  /** Take away what a shard left; return a way to put it back. */
  const withhold = (world: World, job: string, shard: number) => {
    const key = `${libraryKeys.jobState(job, shard, 2)}result.json`;
    const result = world.library.objects.get(key) ?? new Uint8Array();
    world.library.objects.delete(key);
    return () => world.library.put(key, result);
  };
  const startAgain = async (world: World) => {
    for (const message of world.sent.render.splice(0)) await startJob(message as never, world.ports);
    const dear = world.submissions.find(({ market }) => market === 'on-demand');
    if (!dear) throw new Error('nothing was submitted on demand');
    return dear;
  };
  /** A drawing of two shards, of which the first is done. */
  async function halfDrawn() {
    const { world, submitted } = await renderingWorld(4, 2);
    world.sent.render.length = 0;
    work(world, submitted);
    return { world, submitted, comeBack: withhold(world, submitted.job, 1) };
  }

  it('is asked for again on demand at the end of its first shard, once, and is drawn by both epochs together', async () => {
    const { world, submitted, comeBack } = await halfDrawn();
    await recordJob(shardEnded(submitted, 1), world.ports);
    await recordJob(shardEnded(submitted, 1), world.ports);
    await recordJob(parentEnded(submitted), world.ports);
    expect(await jobOf(world, submitted.job)).toMatchObject({ state: 'intended', epoch: 2, market: 'on-demand' });
    expect(world.sent.render).toHaveLength(1);
    const dear = await startAgain(world);
    expect(dear).toMatchObject({ name: `${submitted.job}-2`, shards: 2 });
    comeBack(); // the first epoch’s shard found a machine after all, and the second’s found it done
    await recordJob(jobEnded(dear), world.ports);
    expect(await campaignOf(world)).toMatchObject({ state: 'drawn' });
  });

  it('is asked for again when its parent’s end is heard before the shard’s', async () => {
    const { world, submitted } = await halfDrawn();
    world.batchJobs.set(`${submitted.id}:1`, { status: 'FAILED', statusReason, exitCodes: [] });
    await recordJob(parentEnded(submitted), world.ports);
    expect(await jobOf(world, submitted.job)).toMatchObject({ state: 'intended', epoch: 2, market: 'on-demand' });
    expect(await campaignOf(world)).toMatchObject({ state: 'rendering' });
  });

  it('fails and says so when there is none on demand either', async () => {
    const { world, submitted } = await halfDrawn();
    await recordJob(shardEnded(submitted, 1), world.ports);
    const dear = await startAgain(world);
    await recordJob(shardEnded(dear, 1), world.ports);
    expect(await jobOf(world, submitted.job)).toMatchObject({ state: 'submitted', epoch: 2 });
    world.batchJobs.set(`${dear.id}:1`, { status: 'FAILED', statusReason, exitCodes: [] });
    await recordJob(parentEnded(dear), world.ports);
    expect(await campaignOf(world)).toMatchObject({ state: 'failed', failure: { code: 'no_capacity' } });
  });

  it.each([
    [
      'one of its shards has failed for good',
      (job: string) => ({
        [`${libraryKeys.jobState(job, 0, 2)}result.json`]: {
          ...{ job, verb: 'render', epoch: 1, attempt: 1, shard: 0, seconds: {}, device: 'none', libraries: {} },
          ...{ state: 'failed', code: 'out_of_memory', sentence: 'The GPU has 16 GB; this asks for more.' },
        },
      }),
    ],
    [
      'a twin works on that shard',
      (job: string) => ({
        [`${libraryKeys.jobState(job, 1, 2)}claim.json`]: { job, epoch: 1, holder: 'batch-twin:1', attempt: 1 },
      }),
    ],
  ])('is not asked for again while %s', async (_why, lying) => {
    const { world, submitted } = await halfDrawn();
    for (const [key, content] of Object.entries(lying(submitted.job))) world.library.put(key, JSON.stringify(content));
    await recordJob(shardEnded(submitted, 1), world.ports);
    expect(await jobOf(world, submitted.job)).toMatchObject({ state: 'submitted', epoch: 1 });
  });
});
