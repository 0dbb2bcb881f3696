import { describe, expect, it } from 'vitest';
import { gateVariant } from '../../../functions/gate-variants/step.ts';
import { ingestUpload } from '../../../functions/ingest-upload/step.ts';
import { planCampaign } from '../../../functions/plan-campaign/step.ts';
import { recordJob } from '../../../functions/record-job/step.ts';
import { startJob } from '../../../functions/start-job/step.ts';
import { sweepState } from '../../../functions/sweep-state/step.ts';
import {
  CampaignRow,
  JobRow,
  libraryKeys,
  type ObjectCreated,
  rowKeys,
  SubjectRow,
} from '../../../lib/contracts/index.ts';
import { campaignFile, manifest, objectCreated } from '../../fakes/samples.ts';
import { jobEnded, work } from '../../fakes/worker.ts';
import { createWorld, type World } from '../../fakes/world.ts';

const READY = { event: 'subject.ready', subject: 'mina' } as const;

/** Put a file in the intake; its event is lost. */
const drop = (world: World, key: string, content: string) => world.intake.put(key, content, world.clock.now);
const later = (world: World, minutes = 20) => {
  world.clock.now = new Date(world.clock.now.getTime() + minutes * 60_000);
};
const sweep = (world: World, time = world.clock.now) =>
  sweepState({ source: 'aws.events', time: time.toISOString() }, world.ports);
const keysOf = (messages: object[]) => messages.map((message) => (message as ObjectCreated).detail.object.key);

/** A subject whose files arrived and whose tuning was submitted. */
async function tuningWorld() {
  const world = createWorld();
  const files: [string, string][] = [
    ['subjects/mina/front.png', 'mina front'],
    ['subjects/mina/subject.yaml', manifest('mina', ['front.png'])],
  ];
  for (const [key, content] of files) {
    drop(world, key, content);
    await ingestUpload(objectCreated(key), world.ports);
  }
  await startJob(READY, world.ports);
  world.sent.tuning.length = 0;
  const [submitted] = world.submissions;
  if (!submitted) throw new Error('nothing was submitted');
  return { world, submitted };
}

describe('the sweep', () => {
  it('announces uploads whose event was lost, to the queue that they belong to', async () => {
    const world = createWorld();
    drop(world, 'subjects/mina/front.png', 'mina front');
    drop(world, 'campaigns/spring.yaml', campaignFile('spring'));
    await sweep(world);
    expect([...world.sent.uploads, ...world.sent.campaigns]).toEqual([]); // an event may still be on its way
    later(world);
    await sweep(world);
    expect(keysOf(world.sent.uploads)).toEqual(['subjects/mina/front.png']);
    expect(keysOf(world.sent.campaigns)).toEqual(['campaigns/spring.yaml']);
    for (const event of world.sent.uploads.splice(0)) await ingestUpload(event as ObjectCreated, world.ports);
    for (const event of world.sent.campaigns.splice(0)) await planCampaign(event as ObjectCreated, world.ports);
    later(world, 1);
    await sweep(world);
    expect(world.sent.uploads).toEqual([]);
  });

  it('that comes late looks as of its tick, and repeats nothing that was on its way then', async () => {
    const world = createWorld();
    drop(world, 'subjects/mina/front.png', 'mina front');
    const tick = world.clock.now;
    later(world, 60);
    await sweep(world, tick);
    expect(world.sent.uploads).toEqual([]);
  });

  it('announces a picture that was uploaded again and never looked at', async () => {
    const { world } = await tuningWorld();
    later(world);
    drop(world, 'subjects/mina/front.png', 'mina front, better');
    later(world);
    await sweep(world);
    expect(keysOf(world.sent.uploads)).toEqual(['subjects/mina/front.png']);
  });

  it('announces a manifest that was uploaded again and never read, whatever its row was written for since', async () => {
    const { world } = await tuningWorld();
    later(world);
    drop(world, 'subjects/mina/subject.yaml', manifest('mina', ['front.png'], { noun: 'woman' }));
    later(world, 5);
    await ingestUpload(objectCreated('subjects/mina/front.png'), world.ports);
    await world.ports.state.change(
      SubjectRow,
      rowKeys.subject('mina'),
      (row) => row?.wait && { ...row, wait: { ...row.wait, sentence: 'It goes on.' } },
    );
    later(world);
    await sweep(world);
    expect(keysOf(world.sent.uploads)).toEqual(['subjects/mina/subject.yaml']);
    for (const event of world.sent.uploads.splice(0)) await ingestUpload(event as ObjectCreated, world.ports);
    await sweep(world);
    expect(world.sent.uploads).toEqual([]);
  });

  it('knows a manifest that was refused or too large from one that was never read', async () => {
    const world = createWorld();
    for (const content of ['nonsense', ' '.repeat(70_000)]) {
      drop(world, 'subjects/mina/subject.yaml', content);
      await ingestUpload(objectCreated('subjects/mina/subject.yaml'), world.ports);
      later(world);
      await sweep(world);
      expect(world.sent.uploads).toEqual([]);
    }
  });

  it('announces a campaign file that was uploaded again and never read, and neither of two that were', async () => {
    const world = createWorld();
    const announced = () => world.sent.campaigns.filter((message) => 'detail' in message);
    drop(world, 'campaigns/spring.yaml', campaignFile('spring'));
    await planCampaign(objectCreated('campaigns/spring.yaml'), world.ports);
    later(world);
    drop(world, 'campaigns/spring.yaml', campaignFile('spring', { seeds: 2 })); // its event is lost
    drop(world, 'campaigns/spring.csv', 'subjects,prompt\nmina,{mina} waving\n');
    later(world, 5);
    await planCampaign(objectCreated('campaigns/spring.csv'), world.ports);
    later(world);
    await sweep(world);
    expect(keysOf(announced())).toEqual(['campaigns/spring.yaml']);
    await planCampaign(announced()[0] as ObjectCreated, world.ports);
    world.sent.campaigns.length = 0;
    await sweep(world);
    expect(announced()).toEqual([]);
  });

  it('starts what was ready and never asked for', async () => {
    const world = createWorld();
    drop(world, 'subjects/mina/front.png', 'mina front');
    drop(world, 'subjects/mina/subject.yaml', manifest('mina', ['front.png']));
    for (const key of world.intake.objects.keys()) await ingestUpload(objectCreated(key), world.ports);
    world.sent.tuning.length = 0; // the message is lost
    later(world);
    await sweep(world);
    expect(world.sent.tuning).toEqual([READY]);
  });

  it('submits a job whose dispatcher died before it did', async () => {
    const { world, submitted } = await tuningWorld();
    await world.ports.state.change(
      JobRow,
      rowKeys.job(submitted.job),
      (row) => row && { ...row, state: 'intended' as const, batchJob: undefined },
    );
    later(world);
    await sweep(world);
    expect(world.sent.tuning).toEqual([READY]);
    await startJob(READY, world.ports);
    expect(world.submissions).toHaveLength(1); // found again by its name
  });

  it('leaves a job alone that Batch is at', async () => {
    const { world, submitted } = await tuningWorld();
    world.batchJobs.set(submitted.id, { status: 'RUNNABLE', exitCodes: [] });
    later(world);
    await sweep(world);
    expect(world.sent.jobChanges).toEqual([]);
  });

  it.each([
    ['SUCCEEDED', { status: 'SUCCEEDED', exitCodes: [0] }],
    ['forgotten', undefined],
  ])('records the result of a job whose end was not heard of: %s', async (_name, job) => {
    const { world, submitted } = await tuningWorld();
    work(world, submitted);
    if (job) world.batchJobs.set(submitted.id, job);
    later(world);
    await sweep(world);
    for (const event of world.sent.jobChanges.splice(0)) await recordJob(event as never, world.ports);
    const subject = await world.ports.state.get(SubjectRow, rowKeys.subject('mina'));
    expect(subject).toMatchObject({ state: 'tuned' });
  });

  it('ends a job that left nothing, with a reason', async () => {
    const { world, submitted } = await tuningWorld();
    later(world);
    await sweep(world);
    for (const event of world.sent.jobChanges.splice(0)) await recordJob(event as never, world.ports);
    const row = await world.ports.state.get(JobRow, rowKeys.job(submitted.job));
    expect(row).toMatchObject({ state: 'failed', failure: { code: 'no_result' } });
    expect(row?.failure?.sentence).toContain('Batch does not know this job any more');
  });

  it('looks again at campaigns that wait, and has pictures scored and enlarged that never were', async () => {
    const { world, submitted } = await tuningWorld();
    drop(world, 'campaigns/spring.yaml', campaignFile('spring', { seeds: 2 }));
    await planCampaign(objectCreated('campaigns/spring.yaml'), world.ports);
    later(world);
    await sweep(world);
    expect(world.sent.campaigns).toContainEqual({ event: 'campaign.waiting', campaign: 'spring' });
    work(world, submitted);
    await recordJob(jobEnded(submitted), world.ports);
    await planCampaign({ event: 'campaign.waiting', campaign: 'spring' }, world.ports);
    const campaign = await world.ports.state.get(CampaignRow, rowKeys.campaign('spring'));
    await startJob({ event: 'campaign.planned', campaign: 'spring', job: campaign?.job ?? '' }, world.ports);
    const drawing = world.submissions[1];
    if (!drawing) throw new Error('no drawing was submitted');
    work(world, drawing);
    await recordJob(jobEnded(drawing), world.ports);
    later(world);
    await sweep(world);
    expect(keysOf(world.sent.variants)).toHaveLength(2);
    expect(keysOf(world.sent.variants)[0]).toContain(libraryKeys.variants('spring'));
    expect(world.lines.at(-1)).toMatchObject({ event: 'state.swept', variants: 2 });
    // One is measured and could not be enlarged; the other is done.
    const { enlargePicture } = world.ports;
    const [failing, done] = world.sent.variants.splice(0) as ObjectCreated[];
    if (!failing || !done) throw new Error('two were announced');
    world.ports.enlargePicture = async () => Promise.reject(new Error('the upscaler fell over'));
    await expect(gateVariant(failing, world.ports)).rejects.toThrow('fell over');
    world.ports.enlargePicture = enlargePicture;
    await gateVariant(done, world.ports);
    await sweep(world);
    expect(keysOf(world.sent.variants)).toEqual([failing.detail.object.key]);
    for (const event of world.sent.variants.splice(0)) await gateVariant(event as ObjectCreated, world.ports);
    await sweep(world);
    expect(world.sent.variants).toEqual([]);
  });
});
