import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { z } from 'zod';
import * as contracts from '../../lib/contracts/index.ts';

const GOLDEN = 'test/golden/contracts';
const schemas = contracts as unknown as Record<string, z.ZodType>;

/** `Plan.two-shards.json` is read as Plan. `Plan.bad-….json` must be refused by both languages. */
const goldenFiles = readdirSync(GOLDEN).filter((file) => file.endsWith('.json'));
const schemaOf = (file: string): z.ZodType => {
  const schema = schemas[file.split('.')[0] ?? ''];
  if (!schema) throw new Error(`${file} names no contract`);
  return schema;
};
const load = (file: string): unknown => JSON.parse(readFileSync(join(GOLDEN, file), 'utf8'));

describe('contracts', () => {
  it('what is generated from them is not stale', () => {
    execFileSync('node', ['lib/contracts/generate.ts', '--check'], { encoding: 'utf8' });
  });

  it.each(goldenFiles.filter((file) => !file.includes('.bad-')))('%s is read and written back unchanged', (file) => {
    expect(schemaOf(file).parse(load(file))).toEqual(load(file));
  });

  it.each(goldenFiles.filter((file) => file.includes('.bad-')))('%s is refused', (file) => {
    expect(schemaOf(file).safeParse(load(file)).success).toBe(false);
  });

  it('Python reads, refuses and writes the same golden files', () => {
    const verdicts = JSON.parse(
      execFileSync('.venv/bin/python', ['test/contract/read_golden.py', GOLDEN], { encoding: 'utf8' }),
    ) as Record<string, unknown>;
    // What TypeScript alone reads has no Python class and is not in the verdicts.
    expect(Object.keys(verdicts).length).toBeGreaterThanOrEqual(12);
    for (const [file, written] of Object.entries(verdicts)) {
      expect(written, file).toEqual(file.includes('.bad-') ? 'refused' : load(file));
    }
  });

  it('every contract is closed: an unknown field is refused', () => {
    for (const file of goldenFiles.filter((file) => !file.includes('.bad-'))) {
      const value = { ...(load(file) as object), surprise: 1 };
      expect(schemaOf(file).safeParse(value).success, file).toBe(false);
    }
  });
});

describe('object keys', () => {
  const { readIntakeKey, readVariantKey, intakeKeys, libraryKeys } = contracts;

  it('an intake key is told by its shape, and nothing outside the shapes is guessed at', () => {
    expect(readIntakeKey(intakeKeys.subjectManifest('mina'))).toEqual({ is: 'manifest', subject: 'mina' });
    expect(readIntakeKey(intakeKeys.subjectFile('mina', 'front.png'))).toEqual({
      is: 'reference',
      subject: 'mina',
      file: 'front.png',
    });
    expect(readIntakeKey(intakeKeys.campaign('spring-scenes', 'csv'))).toEqual({
      is: 'campaign',
      campaign: 'spring-scenes',
      extension: 'csv',
    });
    for (const key of [
      'subjects/Mina/front.png',
      'subjects/mina/../x.png',
      'subjects/mina/a/b.png',
      'campaigns/x.json',
      'x',
      '',
    ]) {
      expect(readIntakeKey(key), key).toEqual({ is: 'unknown' });
    }
  });

  it('a variant’s picture key is read back to its campaign and cell', () => {
    const cell = `cell_${'0a'.repeat(12)}`;
    expect(readVariantKey(libraryKeys.variantPicture('spring-scenes', cell))).toEqual({
      campaign: 'spring-scenes',
      cell,
    });
    expect(readVariantKey(libraryKeys.variantSidecar('spring-scenes', cell))).toBeUndefined();
    expect(readVariantKey(libraryKeys.largePicture('spring-scenes', cell))).toBeUndefined();
  });

  it('the shards of an array job keep their state apart, and a plain job has no shard in its keys', () => {
    const job = `job_${'0'.repeat(24)}`;
    expect(libraryKeys.jobState(job, 0, 1)).toBe(`jobs/${job}/`);
    expect(libraryKeys.jobState(job, 3, 4)).toBe(`jobs/${job}/shards/3/`);
  });
});
