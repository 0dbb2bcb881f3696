import { describe, expect, it } from 'vitest';
import { sha256 } from '../../../functions/_shared/hash.ts';
import type { Draft } from '../../../functions/_shared/ports.ts';
import { planCampaign } from '../../../functions/plan-campaign/step.ts';
import {
  CAMPAIGN_FILE_BYTES,
  CampaignRow,
  JobRow,
  libraryKeys,
  Plan,
  rowKeys,
  SubjectManifest,
  SubjectRow,
  UploadRow,
  VersionRow,
} from '../../../lib/contracts/index.ts';
import { campaignFile, manifest, objectCreated, PASSPORT } from '../../fakes/samples.ts';
import { BASE_MODEL, createWorld, type World } from '../../fakes/world.ts';

const KEY = 'campaigns/spring.yaml';
const upload = async (world: World, content: string, key = KEY) => {
  world.intake.put(key, content);
  await planCampaign(objectCreated(key), world.ports);
};
const wake = (world: World) => planCampaign({ event: 'campaign.waiting', campaign: 'spring' }, world.ports);
const campaignOf = (world: World) => world.ports.state.get(CampaignRow, rowKeys.campaign('spring'));
const planOf = (world: World) =>
  Plan.parse(JSON.parse(Buffer.from(world.library.objects.get(libraryKeys.plan('spring')) ?? []).toString()));

type SubjectChanges = Partial<Draft<typeof SubjectRow>>;
async function setSubject(world: World, changes: SubjectChanges, subject = 'mina'): Promise<void> {
  const key = rowKeys.subject(subject);
  const known = { row: 'subject', subject, state: 'tuned', latestVersion: 1 } as const;
  await world.ports.state.change(SubjectRow, key, () => ({
    ...known,
    manifest: SubjectManifest.parse(JSON.parse(manifest(subject, ['a.png']))),
    ...changes,
  }));
}
async function tune(world: World, subject = 'mina', baseModel = BASE_MODEL.digest): Promise<void> {
  await world.ports.state.create(VersionRow, rowKeys.version(subject, 1), {
    ...{ row: 'version', subject, version: 1, job: `job_${'0'.repeat(24)}`, method: 'dreambooth-lora', token: 'sks' },
    ...{ recipeHash: '1'.repeat(64), baseModel, references: [] },
    adapter: { key: `subjects/${subject}/versions/1/adapter.safetensors`, sha256: '2'.repeat(64), sizeBytes: 3 },
  });
  await setSubject(world, {}, subject);
}

describe('a campaign waits, and says why', () => {
  const waits: [string, SubjectChanges | undefined, string, string][] = [
    ['for a subject that nobody uploaded', undefined, 'subject_unknown', 'There is no subject mina yet'],
    [
      'for a set that is not complete',
      {
        state: 'waiting',
        wait: {
          code: 'references_missing',
          sentence: '1 of 2 references of mina have not arrived: b.png.',
          since: '2026-06-01T12:00:00Z',
        },
      },
      'subject_not_ready',
      'have not arrived: b.png',
    ],
    ['for a tuning that is not submitted', { state: 'ready' }, 'subject_not_tuned', 'about to be submitted'],
    ['for a tuning that runs', { state: 'tuning' }, 'tuning', 'Version 1 of mina is being tuned.'],
    [
      'for a tuning that failed',
      { state: 'failed', failure: { code: 'out_of_memory', sentence: 'The GPU was too small.' } },
      'subject_failed',
      'The GPU was too small.',
    ],
  ];
  it.each(waits)('%s', async (_what, changes, code, sentence) => {
    const world = createWorld();
    if (changes) await setSubject(world, changes);
    await upload(world, campaignFile('spring'));
    const row = await campaignOf(world);
    expect(row).toMatchObject({ state: 'waiting', wait: { code } });
    expect(row?.wait?.sentence).toContain(sentence);
    expect(row?.wait?.since).toBe('2026-06-01T12:00:00.000Z');
    expect(world.sent.render).toEqual([]);
  });

  it('for a passport to be renewed', async () => {
    const world = createWorld();
    await tune(world);
    await setSubject(world, {
      manifest: SubjectManifest.parse(
        JSON.parse(manifest('mina', ['a.png'], { passport: { ...PASSPORT, expires: '2026-05-31' } })),
      ),
    });
    await upload(world, campaignFile('spring'));
    expect(await campaignOf(world)).toMatchObject({ state: 'waiting', wait: { code: 'passport_expired' } });
  });

  it('for a subject that was tuned for another base model', async () => {
    const world = createWorld();
    await tune(world, 'mina', 'f'.repeat(64));
    await upload(world, campaignFile('spring'));
    expect(await campaignOf(world)).toMatchObject({ state: 'waiting', wait: { code: 'base_model_changed' } });
    expect((await campaignOf(world))?.wait?.sentence).toContain('another base model');
  });

  it('since the reason began, not since it was last looked at', async () => {
    const world = createWorld();
    await upload(world, campaignFile('spring'));
    world.clock.now = new Date('2026-06-02T12:00:00Z');
    await wake(world);
    expect((await campaignOf(world))?.wait?.since).toBe('2026-06-01T12:00:00.000Z');
    await setSubject(world, { state: 'tuning' });
    await wake(world);
    expect((await campaignOf(world))?.wait?.since).toBe('2026-06-02T12:00:00.000Z');
  });

  it('and is woken by the news of its subject, and by no other', async () => {
    const world = createWorld();
    await upload(world, campaignFile('spring'));
    await planCampaign({ event: 'subject.tuned', subject: 'otto', version: 1 }, world.ports);
    expect(world.sent.campaigns).toEqual([]);
    await planCampaign({ event: 'subject.tuned', subject: 'mina', version: 1 }, world.ports);
    expect(world.sent.campaigns).toEqual([{ event: 'campaign.waiting', campaign: 'spring' }]);
  });
});

describe('a campaign whose subject is tuned', () => {
  it('is planned and announced, and its job has a row before it is announced', async () => {
    const world = createWorld();
    await tune(world);
    await upload(world, campaignFile('spring', { seeds: 8 }));
    const row = await campaignOf(world);
    expect(row).toMatchObject({ state: 'planned', cells: 8 });
    expect(row?.wait).toBeUndefined();
    expect(planOf(world)).toMatchObject({
      campaign: 'spring',
      source: row?.source,
      subjects: [{ subject: 'mina', noun: 'girl', token: 'sks', version: 1 }],
    });
    expect(await world.ports.state.get(JobRow, rowKeys.job(row?.job ?? ''))).toMatchObject({
      state: 'intended',
      shards: 1,
    });
    expect(world.sent.render).toEqual([{ event: 'campaign.planned', campaign: 'spring', job: row?.job }]);
  });

  it('is an array job when it has more cells than one shard', async () => {
    const world = createWorld();
    world.settings.shardCells = 3;
    await tune(world);
    await upload(world, campaignFile('spring', { seeds: 8 }));
    const row = await campaignOf(world);
    expect(await world.ports.state.get(JobRow, rowKeys.job(row?.job ?? ''))).toMatchObject({ shards: 3 });
  });

  it('whose file is uploaded again is not planned again', async () => {
    const world = createWorld();
    await tune(world);
    await upload(world, campaignFile('spring'));
    const rows = structuredClone(world.table.items);
    await upload(world, campaignFile('spring'));
    await wake(world);
    expect(world.table.items).toEqual(rows);
    expect(new Set(world.sent.render.map((message) => JSON.stringify(message))).size).toBe(1);
  });

  it('keeps its plan when a changed file comes under its name, and the change is rejected', async () => {
    const world = createWorld();
    await tune(world);
    await upload(world, campaignFile('spring'));
    const plan = planOf(world);
    await upload(world, campaignFile('spring', { seeds: 2 }));
    expect(await campaignOf(world)).toMatchObject({ state: 'planned', rejection: { code: 'campaign_changed' } });
    expect(planOf(world)).toEqual(plan);
    await upload(world, campaignFile('spring'));
    expect((await campaignOf(world))?.rejection).toBeUndefined();
  });

  it('takes the plan that lies there when it died before it wrote down that it planned', async () => {
    const world = createWorld();
    let dies = true;
    const { create } = world.ports.state;
    world.ports.state.create = (contract, ...rest) => {
      if ((contract as unknown) === JobRow && dies) throw new Error('killed');
      return create(contract, ...rest);
    };
    await tune(world);
    await expect(upload(world, campaignFile('spring'))).rejects.toThrow('killed');
    dies = false;
    // Meanwhile the subject was tuned again: a second plan would differ.
    await setSubject(world, {
      manifest: SubjectManifest.parse(JSON.parse(manifest('mina', ['a.png'], { noun: 'woman' }))),
    });
    const plan = planOf(world);
    await wake(world);
    expect(planOf(world)).toEqual(plan);
    expect(await campaignOf(world)).toMatchObject({ state: 'planned', cells: 1 });
  });
});

describe('a campaign file', () => {
  it('may be replaced while nothing is planned', async () => {
    const world = createWorld();
    await upload(world, campaignFile('spring', { prompts: ['a girl waving'] }));
    expect(await campaignOf(world)).toMatchObject({ state: 'rejected', rejection: { code: 'campaign_invalid' } });
    await upload(world, campaignFile('spring'));
    expect((await campaignOf(world))?.rejection).toBeUndefined();
    await upload(world, campaignFile('spring', { seeds: 2 }));
    expect(await campaignOf(world)).toMatchObject({ state: 'waiting', file: { seeds: 2 } });
  });

  it('that was refused stays refused when its event comes again', async () => {
    const world = createWorld();
    await upload(world, 'nonsense: [');
    await planCampaign(objectCreated(KEY), world.ports);
    expect(await campaignOf(world)).toMatchObject({ state: 'rejected', rejection: { code: 'campaign_invalid' } });
  });

  it('that is larger than a row holds is refused', async () => {
    const world = createWorld();
    await upload(world, ' '.repeat(CAMPAIGN_FILE_BYTES + 1));
    expect(await campaignOf(world)).toMatchObject({ state: 'rejected', rejection: { code: 'file_too_large' } });
  });

  it('that asks for two subjects in one picture is refused while no method can draw that', async () => {
    const world = createWorld();
    await tune(world);
    await tune(world, 'otto');
    await upload(world, campaignFile('spring', { subjects: ['mina', 'otto'], prompts: ['{mina} and {otto}'] }));
    const row = await campaignOf(world);
    expect(row).toMatchObject({ state: 'rejected', rejection: { code: 'campaign_invalid' } });
    expect(row?.rejection?.sentence).toContain('mina and otto in one picture');
    await planCampaign(objectCreated(KEY), world.ports);
    expect(await campaignOf(world)).toEqual(row);
  });

  it('under a name that says nothing to us is rejected, and its owner can read why', async () => {
    const world = createWorld();
    await upload(world, 'x', 'campaigns/notes.txt');
    expect(await world.ports.state.get(UploadRow, rowKeys.upload(sha256('campaigns/notes.txt')))).toMatchObject({
      rejection: { code: 'unknown_key' },
    });
  });
});
