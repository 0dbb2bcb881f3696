import { describe, expect, it } from 'vitest';
import { PassingError } from '../../../functions/_shared/errors.ts';
import { sha256 } from '../../../functions/_shared/hash.ts';
import { makeGallery, scoreVariant } from '../../../functions/gate-variants/scores.ts';
import { gateVariant } from '../../../functions/gate-variants/step.ts';
import { ingestUpload } from '../../../functions/ingest-upload/step.ts';
import { CampaignFile, CampaignRow, libraryKeys, rowKeys, VariantRow } from '../../../lib/contracts/index.ts';
import { createFakeEncoder } from '../../fakes/pictures.ts';
import { campaignFile, manifest, objectCreated } from '../../fakes/samples.ts';
import { BASE_MODEL, createWorld, type World } from '../../fakes/world.ts';

const CELL = `cell_${'0'.repeat(24)}`;
const KEY = libraryKeys.variantPicture('spring', CELL);

async function addSubject(world: World, subject: string, references: string[]): Promise<void> {
  const put = async (file: string, content: string) => {
    world.intake.put(`subjects/${subject}/${file}`, content);
    await ingestUpload(objectCreated(`subjects/${subject}/${file}`), world.ports);
  };
  for (const [index, content] of references.entries()) await put(`${index}.png`, content);
  await put(
    'subject.yaml',
    manifest(
      subject,
      references.map((_, index) => `${index}.png`),
    ),
  );
}

function draw(world: World, picture: string, id = CELL, size = { width: 128, height: 128 }): void {
  const key = libraryKeys.variantPicture('spring', id);
  const stored = { key, sha256: sha256(picture), sizeBytes: picture.length };
  world.library.put(key, picture);
  const cell = { cell: id, prompt: '{mina}', subjects: ['mina'], seed: 0, ...size };
  const sidecar = {
    ...{
      campaign: 'spring',
      cell,
      promptDrawn: 'sks girl',
      sampler: { name: 'ddim', steps: 9, guidance: 4 },
      baseModel: BASE_MODEL,
    },
    subjects: [{ subject: 'mina', version: 1, recipe: '1'.repeat(64), adapter: '2'.repeat(64) }],
    ...{ picture: stored, device: 'none', libraries: {} },
  };
  world.library.put(libraryKeys.variantSidecar('spring', id), JSON.stringify(sidecar));
}

const gate = (world: World) => gateVariant(objectCreated(KEY, 'library'), world.ports);
const variantOf = (world: World) => world.ports.state.get(VariantRow, rowKeys.variant('spring', CELL));

async function drawnWorld(picture = 'png of mina on a beach'): Promise<World> {
  const world = createWorld();
  await addSubject(world, 'mina', ['mina front', 'mina wave']);
  await addSubject(world, 'otto', ['otto front']);
  await addSubject(world, 'zoe', ['zoe front']);
  draw(world, picture);
  return world;
}

describe('a variant', () => {
  it('of its subject is first among all subjects of the account', async () => {
    const world = await drawnWorld();
    await gate(world);
    const row = await variantOf(world);
    expect(row).toMatchObject({ subject: 'mina', scores: { encoder: 'fake@1', rank: 1, ofSubjects: 3 } });
    expect(row?.scores.similarity).toBeGreaterThan(0.9);
  });

  it('of somebody else is not', async () => {
    const world = await drawnWorld('png of otto on a beach');
    await gate(world);
    expect(await variantOf(world)).toMatchObject({ subject: 'mina', scores: { rank: 2, ofSubjects: 3 } });
  });

  it('that repeats a reference is nearest to that reference, at 1', async () => {
    const world = await drawnWorld('png of mina wave');
    await gate(world);
    expect((await variantOf(world))?.scores.nearestReference).toBe(sha256('png of mina wave'));
    expect((await variantOf(world))?.scores.nearestSimilarity).toBeCloseTo(1, 6);
  });

  it('is measured once: later references change no score', async () => {
    const world = await drawnWorld();
    await gate(world);
    const row = await variantOf(world);
    await addSubject(world, 'mina-twin', ['mina front']);
    await gate(world);
    expect(await variantOf(world)).toEqual(row);
  });

  it('costs as many calls as the one before it, and lists no account for itself', async () => {
    const calls: string[] = [];
    const world = createWorld((call, moment) => {
      if (moment === 'before') calls.push(call);
    });
    await addSubject(world, 'mina', ['mina front']);
    await addSubject(world, 'otto', ['otto front']);
    const callsOf = async (index: number) => {
      const cell = `cell_${String(index).padStart(24, '0')}`;
      draw(world, `png of mina ${index}`, cell);
      calls.length = 0;
      await gateVariant(objectCreated(libraryKeys.variantPicture('spring', cell), 'library'), world.ports);
      return calls.toSorted();
    };
    expect((await callsOf(1)).filter((call) => call === 'table.list')).toHaveLength(2);
    const second = await callsOf(2);
    expect(second).not.toContain('table.list');
    for (let index = 3; index <= 50; index += 1) expect(await callsOf(index)).toEqual(second);
    await addSubject(world, 'zoe', ['zoe front']);
    world.clock.now = new Date(world.clock.now.getTime() + 61_000);
    expect(await callsOf(51)).toContain('table.list');
    const row = await world.ports.state.get(VariantRow, rowKeys.variant('spring', `cell_${'51'.padStart(24, '0')}`));
    expect(row?.scores.ofSubjects).toBe(3);
  });

  it('is compared with no vector of another encoder', async () => {
    const world = await drawnWorld();
    await addSubject(world, 'old', ['mina front']);
    world.encoder.current = createFakeEncoder('2');
    await addSubject(world, 'mina', ['mina front', 'mina wave']);
    await gate(world);
    expect(await variantOf(world)).toMatchObject({ scores: { encoder: 'fake@2', ofSubjects: 1 } });
  });

  it('whose subject has no vector of this encoder is not scored, and somebody hears of it', async () => {
    const world = await drawnWorld();
    world.encoder.current = createFakeEncoder('2');
    await expect(gate(world)).rejects.toThrow('mina has no reference that this encoder has seen');
  });

  it('is compared with no picture that its subject’s manifest does not name', async () => {
    const world = await drawnWorld('png of otto on a beach');
    world.intake.put('subjects/mina/extra.png', 'otto on a beach');
    await ingestUpload(objectCreated('subjects/mina/extra.png'), world.ports);
    await gate(world);
    expect(await variantOf(world)).toMatchObject({ scores: { rank: 2 } });
  });

  it('without its sidecar is tried again; with another’s sidecar it is an error', async () => {
    const world = await drawnWorld();
    world.library.put(KEY, 'png of something else');
    await expect(gate(world)).rejects.toMatchObject({ name: 'StoreCorruptError' });
    world.library.objects.delete(libraryKeys.variantSidecar('spring', CELL));
    await expect(gate(world)).rejects.toMatchObject({ name: 'PassingError' });
  });

  it('is not any other object of the library', async () => {
    const world = await drawnWorld();
    await gateVariant(objectCreated('campaigns/spring/plan.json', 'library'), world.ports);
    await gateVariant(objectCreated(libraryKeys.reference('mina', '0'.repeat(64)), 'library'), world.ports);
    expect(await variantOf(world)).toBeUndefined();
  });
});

describe('the enlarged picture of a variant', () => {
  const LARGE = libraryKeys.largePicture('spring', CELL);
  const largeOf = (world: World) => world.library.objects.get(LARGE);

  it('is written after its scores, and changes none of them', async () => {
    const touches: string[] = [];
    const world = createWorld((call, moment) => {
      if (moment === 'after') touches.push(call);
    });
    await addSubject(world, 'mina', ['mina front', 'mina wave']);
    draw(world, 'png of mina on a beach');
    const { enlargePicture } = world.ports;
    world.ports.enlargePicture = async (png) => {
      touches.push('enlarge');
      return (await enlargePicture?.(png)) ?? png;
    };
    touches.length = 0;
    await gate(world);
    expect(touches.filter((call) => /table.put|enlarge|library.create/.test(call))).toEqual([
      ...['table.put', 'enlarge', 'library.create', 'table.put'],
    ]);
    expect(String(Buffer.from(largeOf(world) ?? []))).toBe('large png of mina on a beach');
    expect(world.library.contentTypes.get(LARGE)).toBe('image/png');
    const row = await variantOf(world);
    expect(row?.large).toBe('written');
    const plain = await drawnWorld();
    plain.ports.enlargePicture = undefined;
    await gate(plain);
    const { ofSubjects: _all, ...scores } = row?.scores ?? {};
    expect((await variantOf(plain))?.scores).toMatchObject(scores);
  });

  it.each<[string, (world: World) => unknown]>([
    ['its campaign says no', (world) => planned(world, { upscale: false })],
    ['there is no upscaler', (world) => Object.assign(world.ports, { enlargePicture: undefined })],
    ['it is large as it is', (world) => draw(world, 'png of mina', CELL, { width: 128, height: 257 })],
  ])('is not made when %s; the scores are', async (_why, arrange) => {
    const world = await drawnWorld();
    await arrange(world);
    await gate(world);
    expect(largeOf(world)).toBeUndefined();
    const row = await variantOf(world);
    expect(row?.scores.rank).toBe(1);
    expect(row?.large).toBeUndefined();
    await gate(world);
    expect(world.lines.at(-1)).toMatchObject({ event: 'variant.already_gated' });
  });

  it.each<[string, (world: World) => unknown]>([
    ['its campaign says nothing of it', (world) => planned(world, {})],
    ['its longer side is just small enough', (world) => draw(world, 'png of mina', CELL, { width: 256, height: 128 })],
  ])('is made when %s', async (_why, arrange) => {
    const world = await drawnWorld();
    await arrange(world);
    await gate(world);
    expect(largeOf(world)).toBeDefined();
  });

  it('that could not be made loses no score, and is made when the message comes again, without measuring again', async () => {
    const world = await drawnWorld();
    const { enlargePicture } = world.ports;
    world.ports.enlargePicture = async () => Promise.reject(new Error('the upscaler fell over'));
    await expect(gate(world)).rejects.toThrow('the upscaler fell over');
    const { large, scores } = (await variantOf(world)) ?? {};
    expect(large).toBe('due');
    expect(scores).toMatchObject({ encoder: 'fake@1', rank: 1, ofSubjects: 3 });
    world.ports.enlargePicture = enlargePicture;
    world.encoder.current = { id: () => expect.fail('it measured'), embed: () => expect.fail('it measured') };
    await gate(world);
    expect(await variantOf(world)).toMatchObject({ large: 'written', scores });
    expect(largeOf(world)).toBeDefined();
  });

  it('that another has written meanwhile stays as it is', async () => {
    const world = await drawnWorld();
    world.library.put(LARGE, 'the first one');
    await gate(world);
    expect(String(Buffer.from(largeOf(world) ?? []))).toBe('the first one');
    expect((await variantOf(world))?.large).toBe('written');
  });

  it('is written once, however often its event comes', async () => {
    const world = await drawnWorld();
    await gate(world);
    const row = await variantOf(world);
    world.ports.enlargePicture = () => expect.fail('it enlarged again');
    await gate(world);
    expect(await variantOf(world)).toEqual(row);
  });

  it('waits, when storage is not there for a moment, for the message to come again', async () => {
    let broken = false;
    const world = createWorld((call) => {
      if (broken && call === 'library.create') throw new PassingError('slow down');
    });
    await addSubject(world, 'mina', ['mina front']);
    draw(world, 'png of mina');
    broken = true;
    await expect(gate(world)).rejects.toBeInstanceOf(PassingError);
    broken = false;
    await gate(world);
    expect((await variantOf(world))?.large).toBe('written');
  });

  it('is nothing that the gate measures', async () => {
    const world = await drawnWorld();
    await gate(world);
    await gateVariant(objectCreated(LARGE, 'library'), world.ports);
    expect(world.lines.at(-1)).toEqual({ event: 'event.ignored', key: LARGE });
  });

  it('that an older stack promised is let be where there is no upscaler any more', async () => {
    const world = await drawnWorld();
    world.ports.enlargePicture = async () => Promise.reject(new Error('killed'));
    await expect(gate(world)).rejects.toThrow('killed');
    world.ports.enlargePicture = undefined;
    await gate(world);
    expect(world.lines.at(-1)).toMatchObject({ event: 'variant.not_enlarged' });
  });

  /** The campaign’s row, as plan-campaign leaves it. */
  const planned = (world: World, changes: object) =>
    world.ports.state.create(CampaignRow, rowKeys.campaign('spring'), {
      ...{ row: 'campaign', campaign: 'spring', state: 'rendering', source: '0'.repeat(64), cells: 1 },
      file: CampaignFile.parse(JSON.parse(campaignFile('spring', changes))),
    });
});

describe('scores', () => {
  const gallery = (subject: string, ...vectors: number[][]) => {
    const [first, ...rest] = vectors.map((vector, index) => ({
      sha256: `${subject}${index}`,
      vector: Float32Array.from(vector),
    }));
    if (!first) throw new Error('a gallery has pictures');
    return makeGallery(subject, [first, ...rest]);
  };

  it('are cosines to the normalised mean of the references', () => {
    const scores = scoreVariant(Float32Array.from([1, 0]), 'mina', [gallery('mina', [1, 0], [0, 1])]);
    expect(scores.similarity).toBeCloseTo(Math.SQRT1_2, 6);
    expect(scores).toMatchObject({ rank: 1, ofSubjects: 1, nearestReference: 'mina0', nearestSimilarity: 1 });
  });

  it('rank a tie as a win of the subject that was asked for', () => {
    const scores = scoreVariant(Float32Array.from([1, 0]), 'mina', [gallery('otto', [1, 0]), gallery('mina', [1, 0])]);
    expect(scores.rank).toBe(1);
  });
});
