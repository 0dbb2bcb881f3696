import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DoctorDocument } from '../../../lib/contracts/index.ts';
import { type } from './fakes.ts';

let folder: string;

/** A white picture with a block of colour on it, which the fixture’s reader takes for a figure. */
async function draw(path: string, colour: string, left: number): Promise<void> {
  const block = { create: { width: 30, height: 60, channels: 3 as const, background: colour } };
  await sharp({ create: { width: 128, height: 128, channels: 3, background: 'white' } })
    .composite([{ input: block, left, top: 30 }])
    .png()
    .toFile(path);
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'doctor-'));
  for (const [index, left] of [50, 52, 54].entries()) await draw(join(folder, `${index}.png`), '#ff0000', left);
});
afterAll(() => rmSync(folder, { recursive: true }));

const doctor = (...words: string[]) =>
  type(['doctor', ...words, '--models', 'test/fixtures'], { folder: process.cwd() });

describe('troupe doctor', () => {
  it('takes pictures and folders together, and shows what a reader sees', async () => {
    const { answer, status } = await doctor(join(folder, '0.png'), join(folder, '1.png'), '--json');
    expect(status).toBe(0);
    const { pictures, findings } = DoctorDocument.parse(JSON.parse(answer));
    expect(pictures.map(({ file, reading }) => [file, reading?.view])).toEqual([
      ['0.png', 'front'],
      ['1.png', 'front'],
    ]);
    expect(findings.map(({ code }) => code)).not.toContain('one_view');
    expect((await doctor(folder)).answer).toContain('All three references face the front; add one from the side.');
  });

  it('says of a product only what needs no reader of figures', async () => {
    expect((await doctor(folder, '--kind', 'product')).answer).not.toContain('face the front');
    expect((await doctor(folder, '--kind', 'ghost')).aside).toContain('character, person, animal, product');
  });

  it('does without a reader where there is none', async () => {
    symlinkSync(resolve('test/fixtures/identity'), join(folder, 'identity'));
    const { answer, status } = await type(['doctor', folder, '--models', folder], { folder: process.cwd() });
    expect(status).toBe(0);
    expect(answer).not.toContain('shows');
  });

  it('refuses two pictures of one name, since advice names them', async () => {
    expect((await doctor(join(folder, '0.png'), folder)).aside).toContain('Two of these pictures are called 0.png');
  });
});
