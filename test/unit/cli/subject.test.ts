import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { SubjectDocument, UploadDocument } from '../../../lib/contracts/index.ts';
import { FakeCloud, manifest, referenceRow, subjectRow, type, versionRow } from './fakes.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'subject-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const write = (file: string, content: string | object) =>
  writeFileSync(join(folder, file), typeof content === 'string' ? content : stringify(content));
const pictures = () => manifest.references.forEach((file) => void write(file, `picture ${file}`));

describe('subject add', () => {
  it('uploads the pictures first and the manifest last, as it was written', async () => {
    pictures();
    write('subject.yaml', manifest);
    const { status, cloud, answer } = await type(['subject', 'add', '.', '--json'], { folder });
    expect(status).toBe(0);
    expect(cloud.uploads.map(({ key, contentType }) => [key, contentType])).toEqual([
      ['subjects/mina/front.png', 'image/png'],
      ['subjects/mina/wave.png', 'image/png'],
      ['subjects/mina/subject.yaml', 'application/yaml'],
    ]);
    expect(cloud.uploads.at(-1)?.body).toBe(stringify(manifest));
    expect(UploadDocument.parse(JSON.parse(answer)).keys).toHaveLength(3);
  });

  it('takes a manifest that lies elsewhere', async () => {
    pictures();
    write('other.yaml', manifest);
    const { status, cloud } = await type(['subject', 'add', '.', '--manifest', 'other.yaml'], { folder });
    expect(status).toBe(0);
    expect(cloud.uploads.at(-1)?.key).toBe('subjects/mina/subject.yaml');
  });

  it.each([
    ['noun: is missing', { ...manifest, noun: undefined }],
    ['passport.consent: Invalid option', { ...manifest, passport: { ...manifest.passport, consent: 'maybe' } }],
    ['passport.owners: there is no such field', { ...manifest, passport: { ...manifest.passport, owners: 'me' } }],
    ['references[1]: back.png is not in', { ...manifest, references: ['front.png', 'back.png'] }],
    ['references[0]: subject.yaml is not a PNG, JPEG or WebP file', { ...manifest, references: ['subject.yaml'] }],
    ['captions.back.png: is not among the references', { ...manifest, captions: { 'back.png': 'from behind' } }],
    [
      'passport.expires: the passport ended on 2025-01-31',
      { ...manifest, passport: { ...manifest.passport, expires: '2025-01-31' } },
    ],
  ])('names the field that is wrong and uploads nothing: %s', async (expected, broken) => {
    pictures();
    write('subject.yaml', JSON.parse(JSON.stringify(broken)));
    const { status, aside, cloud } = await type(['subject', 'add', '.'], { folder });
    expect(status).toBe(2);
    expect(aside).toContain(expected);
    expect(cloud.uploads).toEqual([]);
  });

  it('says where YAML itself is broken', async () => {
    write('subject.yaml', 'subject: mina\n  kind: [');
    const { status, aside } = await type(['subject', 'add', '.'], { folder });
    expect(status).toBe(2);
    expect(aside).toMatch(/line 2/);
  });

  it('says which file is missing', async () => {
    const { status, aside } = await type(['subject', 'add', '.'], { folder });
    expect(status).toBe(2);
    expect(aside).toBe(`${join(folder, 'subject.yaml')} does not exist.\n`);
  });
});

describe('subject show', () => {
  const cloud = new FakeCloud();
  cloud.rows = [
    subjectRow(),
    referenceRow('front.png', 'a'),
    {
      ...referenceRow('wave.png', 'b'),
      state: 'rejected',
      rejection: { code: 'picture_too_small', sentence: 'The picture is 20 × 20 pixels; 64 are needed.' },
    },
    versionRow(),
    { row: 'waiter', subject: 'mina', campaign: 'spring', updatedAt: '2026-11-22T11:00:00.000Z', revision: 0 },
  ];

  it('shows passport, references with their reasons, and versions', async () => {
    const { answer } = await type(['subject', 'show', 'mina'], { cloud });
    for (const expected of [
      'Example Studio (own-design)',
      '128 × 128',
      '20 × 20 pixels; 64 are needed',
      'dreambooth-lora',
      '2027-12-31',
    ]) {
      expect(answer).toContain(expected);
    }
  });

  it('gives a script everything but the vectors', async () => {
    const { answer } = await type(['subject', 'show', 'mina', '--json'], { cloud });
    const document = SubjectDocument.parse(JSON.parse(answer));
    expect(document.references.map(({ file }) => file)).toEqual(['front.png', 'wave.png']);
    expect(answer).not.toContain('"vector"');
  });
});

it('subject list says how to begin when there is none', async () => {
  expect((await type(['subject', 'list'])).answer).toContain('troupe subject add');
});
