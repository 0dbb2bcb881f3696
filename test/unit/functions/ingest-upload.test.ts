import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { sha256 } from '../../../functions/_shared/hash.ts';
import { createSharpPictures } from '../../../functions/_shared/sharp-pictures.ts';
import { ingestUpload } from '../../../functions/ingest-upload/step.ts';
import { ReferenceRow, rowKeys, SubjectRow, UploadRow } from '../../../lib/contracts/index.ts';
import { createFakeEncoder } from '../../fakes/pictures.ts';
import { manifest, objectCreated, PASSPORT } from '../../fakes/samples.ts';
import { createWorld, type World } from '../../fakes/world.ts';

const upload = async (world: World, key: string, content: string) => {
  world.intake.put(key, content);
  await ingestUpload(objectCreated(key), world.ports);
};
const subjectOf = (world: World, subject = 'mina') => world.ports.state.get(SubjectRow, rowKeys.subject(subject));
const referenceOf = (world: World, file: string) =>
  world.ports.state.get(ReferenceRow, rowKeys.reference('mina', file));

const FILES = ['front.png', 'wave.png'];
const uploadSet = async (world: World) => {
  await upload(world, 'subjects/mina/subject.yaml', manifest('mina', FILES));
  for (const file of FILES) await upload(world, `subjects/mina/${file}`, `mina ${file}`);
};

describe('a picture that was declared wrongly', () => {
  it('is refused, and taken when the same bytes come again with their type', async () => {
    const world = createWorld();
    const png = await sharp({ create: { width: 64, height: 64, channels: 3, background: 'teal' } })
      .png()
      .toBuffer();
    Object.assign(world.ports, { pictures: createSharpPictures() });
    const key = 'subjects/mina/front.png';
    const uploadAs = async (type: string) => {
      world.intake.put(key, png);
      world.intake.contentTypes.set(key, type);
      await ingestUpload(objectCreated(key), world.ports);
      return referenceOf(world, 'front.png');
    };
    expect(await uploadAs('image/jpeg')).toMatchObject({ state: 'rejected', rejection: { code: 'type_mismatch' } });
    expect(await uploadAs('image/png')).toMatchObject({ state: 'accepted', width: 64 });
  });
});

describe('a subject is complete', () => {
  it('when the manifest comes first', async () => {
    const world = createWorld();
    await uploadSet(world);
    expect(await subjectOf(world)).toMatchObject({ state: 'ready' });
    expect(world.sent.tuning).toEqual([{ event: 'subject.ready', subject: 'mina' }]);
  });

  it('when the manifest comes last', async () => {
    const world = createWorld();
    for (const file of FILES) await upload(world, `subjects/mina/${file}`, `mina ${file}`);
    expect(await subjectOf(world)).toMatchObject({ state: 'waiting', wait: { code: 'manifest_missing' } });
    await upload(world, 'subjects/mina/subject.yaml', manifest('mina', FILES));
    expect(await subjectOf(world)).toMatchObject({ state: 'ready' });
    expect(world.sent.tuning).toHaveLength(1);
  });

  it('when one of its pictures was rejected, but not when all were', async () => {
    const world = createWorld();
    await upload(world, 'subjects/mina/subject.yaml', manifest('mina', FILES));
    await upload(world, 'subjects/mina/front.png', 'damaged');
    expect(await subjectOf(world)).toMatchObject({ wait: { code: 'references_missing' } });
    await upload(world, 'subjects/mina/wave.png', 'damaged too');
    expect(await subjectOf(world)).toMatchObject({ state: 'waiting', wait: { code: 'references_all_rejected' } });
    await upload(world, 'subjects/mina/wave.png', 'mina waving');
    expect(await subjectOf(world)).toMatchObject({ state: 'ready' });
  });

  it('when two last uploads end at the same time', async () => {
    const world = createWorld();
    await upload(world, 'subjects/mina/subject.yaml', manifest('mina', FILES));
    for (const file of FILES) world.intake.put(`subjects/mina/${file}`, `mina ${file}`);
    await Promise.all(FILES.map((file) => ingestUpload(objectCreated(`subjects/mina/${file}`), world.ports)));
    expect(await subjectOf(world)).toMatchObject({ state: 'ready' });
    expect(world.sent.tuning.length).toBeGreaterThanOrEqual(1);
  });

  it('but not before: the wait names what is missing, and keeps its beginning', async () => {
    const world = createWorld();
    await upload(world, 'subjects/mina/subject.yaml', manifest('mina', ['a.png', 'b.png', 'c.png']));
    const first = await subjectOf(world);
    world.clock.now = new Date('2026-06-01T13:00:00Z');
    await upload(world, 'subjects/mina/a.png', 'mina a');
    const wait = (await subjectOf(world))?.wait;
    expect(wait?.sentence).toBe('2 of 3 references of mina have not arrived: b.png, c.png.');
    expect(wait?.since).toBe(first?.wait?.since);
    expect(world.sent.tuning).toEqual([]);
  });
});

describe('an upload', () => {
  it('delivered again changes no row and is not sanitised again', async () => {
    const world = createWorld();
    await uploadSet(world);
    const rows = structuredClone(world.table.items);
    const objects = world.library.objects.size;
    for (const key of ['subject.yaml', ...FILES])
      await ingestUpload(objectCreated(`subjects/mina/${key}`), world.ports);
    expect(world.table.items).toEqual(rows);
    expect(world.library.objects.size).toBe(objects);
  });

  it('that is gone before it is looked at leaves no row', async () => {
    const world = createWorld();
    await ingestUpload(objectCreated('subjects/mina/front.png'), world.ports);
    expect(world.table.items.size).toBe(0);
  });

  it('under a name that says nothing to us is rejected, and its owner can read why', async () => {
    const world = createWorld();
    const strange = [
      'subjects/Mina/front.png',
      'subjects/mina/a/b.png',
      `subjects/${'x'.repeat(60)}/a.png`,
      'subjects/mina/ü.png',
      'x'.repeat(1_024), // as long as S3 allows
    ];
    for (const key of strange) await upload(world, key, 'mina');
    for (const key of strange) {
      expect(await world.ports.state.get(UploadRow, rowKeys.upload(sha256(key)))).toMatchObject({
        rejection: { code: 'unknown_key' },
      });
    }
  });

  it('that is empty or too large is rejected, whatever is in it', async () => {
    const world = createWorld();
    await upload(world, 'subjects/mina/empty.png', '');
    world.intake.put('subjects/mina/large.png', new Uint8Array(30_000_001));
    await ingestUpload(objectCreated('subjects/mina/large.png'), world.ports);
    expect(await referenceOf(world, 'empty.png')).toMatchObject({
      state: 'rejected',
      rejection: { code: 'file_empty' },
    });
    expect(await referenceOf(world, 'large.png')).toMatchObject({
      state: 'rejected',
      rejection: { code: 'file_too_large' },
    });
  });

  it('under a name that was used before takes its place', async () => {
    const world = createWorld();
    await uploadSet(world);
    const before = await referenceOf(world, 'front.png');
    await upload(world, 'subjects/mina/front.png', 'mina in a better light');
    const after = await referenceOf(world, 'front.png');
    expect(after?.picture?.sha256).not.toBe(before?.picture?.sha256);
    expect(after?.revision).toBe(1);
  });

  it('that was overwritten while it was read does not win over what overwrote it', async () => {
    let overtake = true;
    const world = createWorld(async (name, moment) => {
      if (name !== 'intake.take' || moment !== 'after' || !overtake) return;
      overtake = false;
      await upload(world, 'subjects/mina/front.png', 'mina, the later one');
    });
    await upload(world, 'subjects/mina/front.png', 'mina, the earlier one');
    const picture = (await referenceOf(world, 'front.png'))?.picture;
    expect(Buffer.from(world.library.objects.get(picture?.key ?? '') ?? []).toString()).toBe(
      'png of mina, the later one',
    );
  });

  it('is embedded again when the encoder is another one', async () => {
    const world = createWorld();
    await upload(world, 'subjects/mina/front.png', 'mina');
    world.encoder.current = createFakeEncoder('2');
    await ingestUpload(objectCreated('subjects/mina/front.png'), world.ports);
    expect(await referenceOf(world, 'front.png')).toMatchObject({ encoder: 'fake@2' });
  });

  it('that the manifest does not name is accepted and does not count', async () => {
    const world = createWorld();
    await upload(world, 'subjects/mina/subject.yaml', manifest('mina', ['front.png']));
    await upload(world, 'subjects/mina/extra.png', 'mina extra');
    expect(await referenceOf(world, 'extra.png')).toMatchObject({ state: 'accepted' });
    expect(await subjectOf(world)).toMatchObject({ state: 'waiting', wait: { code: 'references_missing' } });
  });
});

describe('a manifest', () => {
  const refused = async (text: string) => {
    const world = createWorld();
    await upload(world, 'subjects/mina/subject.yaml', text);
    const row = await subjectOf(world);
    expect(row?.manifest).toBeUndefined();
    return row?.rejection;
  };

  it.each([
    [
      'a missing field',
      JSON.stringify({ subject: 'mina' }),
      'kind is missing; noun is missing; references is missing; and 1 more.',
    ],
    ['an unknown field', manifest('mina', ['a.png'], { colour: 'red' }), 'unknown field colour'],
    [
      'an unknown method',
      manifest('mina', ['a.png'], { method: 'magic' }),
      'method must be one of auto, dreambooth-lora, oneactor, textual-inversion',
    ],
    ['a path as a file name', manifest('mina', ['../a.png']), 'references[0]'],
    [
      'a date that is none',
      manifest('mina', ['a.png'], { passport: { ...PASSPORT, expires: 'soon' } }),
      'passport.expires must be a date such as 2027-12-31',
    ],
    ['no passport', manifest('mina', ['a.png'], { passport: undefined }), 'passport is missing'],
    ['a field twice', 'subject: mina\nsubject: otto\n', 'subject.yaml is not valid YAML, line 2'],
    ['aliases', 'a: &a [x, x]\nb: [*a, *a]\n', 'aliases'],
    [
      'a setting that no row can keep',
      manifest('mina', ['a.png'], { method: 'dreambooth-lora', settings: { steps: 1e20 } }),
      'settings.steps: Too big',
    ],
    [
      'a setting that is nearly nothing',
      manifest('mina', ['a.png'], { method: 'dreambooth-lora', settings: { learningRate: 1e-13 } }),
      'settings.learningRate: must be 0, or between 1e-12 and 1e9',
    ],
    ['no text', '', 'the file must be a group of fields'],
  ])('with %s is refused, and the sentence names it', async (_what, text, sentence) => {
    const rejection = await refused(text);
    expect(rejection?.code).toBe('manifest_invalid');
    expect(rejection?.sentence).toContain(sentence);
  });

  it('that is not UTF-8, or is larger than any manifest, is refused', async () => {
    const world = createWorld();
    world.intake.put('subjects/mina/subject.yaml', Uint8Array.from([0xff, 0xfe, 0x00]));
    await ingestUpload(objectCreated('subjects/mina/subject.yaml'), world.ports);
    expect((await subjectOf(world))?.rejection?.sentence).toBe('subject.yaml is not UTF-8 text.');
    await upload(world, 'subjects/mina/subject.yaml', 'x'.repeat(70_000));
    expect((await subjectOf(world))?.rejection?.code).toBe('file_too_large');
  });

  it('of another subject is refused', async () => {
    expect(await refused(manifest('otto', ['a.png']))).toMatchObject({ code: 'manifest_names_other_subject' });
  });

  it('that is refused leaves the one before it in force', async () => {
    const world = createWorld();
    await uploadSet(world);
    await upload(world, 'subjects/mina/subject.yaml', 'nonsense');
    expect(await subjectOf(world)).toMatchObject({
      state: 'ready',
      manifest: { noun: 'girl' },
      rejection: { code: 'manifest_invalid' },
    });
    await upload(world, 'subjects/mina/subject.yaml', manifest('mina', FILES));
    expect((await subjectOf(world))?.rejection).toBeUndefined();
  });

  it('with an expired passport makes the subject wait, until a later date is uploaded', async () => {
    const world = createWorld();
    await uploadSet(world);
    const fresh = createWorld();
    const expired = { passport: { ...PASSPORT, expires: '2026-05-31' } };
    await upload(fresh, 'subjects/mina/subject.yaml', manifest('mina', ['a.png'], expired));
    await upload(fresh, 'subjects/mina/a.png', 'mina');
    expect(await subjectOf(fresh)).toMatchObject({ state: 'waiting', wait: { code: 'passport_expired' } });
    expect(fresh.sent.tuning).toEqual([]);
    await upload(fresh, 'subjects/mina/subject.yaml', manifest('mina', ['a.png']));
    expect(await subjectOf(fresh)).toMatchObject({ state: 'ready' });
  });

  it('is valid to the end of the last day of its passport', async () => {
    const world = createWorld();
    world.clock.now = new Date('2027-12-31T23:59:59Z');
    await uploadSet(world);
    expect(await subjectOf(world)).toMatchObject({ state: 'ready' });
  });
});

describe('what a reference shows', () => {
  const key = 'subjects/mina/front.png';
  const figure = (facing: string) => ({ share: 0.2, attributes: { facing, pose: 'standing' } });

  it('is kept with it, once, and findings of the set follow from it', async () => {
    const world = createWorld();
    let read = 0;
    world.ports.readFigures = async () => {
      read += 1;
      return [figure('front')];
    };
    const files = ['front.png', 'wave.png', 'sit.png'];
    await upload(world, 'subjects/mina/subject.yaml', manifest('mina', files));
    for (const file of files) await upload(world, `subjects/mina/${file}`, `mina ${file}`);
    expect((await referenceOf(world, 'front.png'))?.reading).toEqual({
      ...{ figures: 1, share: 0.2, view: 'front', pose: 'standing' },
    });
    await ingestUpload(objectCreated(key), world.ports);
    expect(read).toBe(3);
    expect((await subjectOf(world))?.findings?.map(({ code }) => code)).toEqual(['one_view', 'one_pose']);
    expect(await subjectOf(world)).toMatchObject({ state: 'ready' });
  });

  it('is left out without a reader, and added when the picture is looked at again with one', async () => {
    const world = createWorld();
    await upload(world, key, 'mina front');
    expect(await referenceOf(world, 'front.png')).not.toHaveProperty('reading');
    world.ports.readFigures = async () => [];
    await ingestUpload(objectCreated(key), world.ports);
    expect((await referenceOf(world, 'front.png'))?.reading).toEqual({ figures: 0, share: 0 });
  });
});
