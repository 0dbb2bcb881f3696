import { createHash } from 'node:crypto';
import { chownSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type BaseModelRef, Job, libraryKeys, Plan } from '../../lib/contracts/index.ts';

const SUBJECT = { subject: 'mina', noun: 'girl', token: 'sks' };
const CAMPAIGN = 'small';
const CELL = `cell_${'c'.repeat(24)}`;
const VERSION = libraryKeys.version(SUBJECT.subject, 1);
const PLAN = libraryKeys.plan(CAMPAIGN);
export const PICTURE = libraryKeys.variantPicture(CAMPAIGN, CELL);

const jobId = (letter: string): string => `job_${letter.repeat(24)}`;
const digestOf = (content: Buffer): string => createHash('sha256').update(content).digest('hex');

/** A library in a folder that belongs to the user of the image. */
export function createLibrary(folder: string, owner: { uid: number; gid: number }) {
  const own = (path: string): void => {
    chownSync(path, owner.uid, owner.gid);
    if (path !== folder) own(dirname(path));
  };
  const put = (key: string, content: Buffer | string): void => {
    const path = join(folder, key);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
    own(path);
  };
  const putJob = (job: Job): string => {
    put(libraryKeys.job(job.job), JSON.stringify(Job.parse(job)));
    return job.job;
  };
  return {
    read: (key: string): Buffer => readFileSync(join(folder, key)),
    putBroken(): string {
      put(libraryKeys.job(jobId('a')), '{ "verb": "tune" }');
      return jobId('a');
    },
    /** Two steps of the smallest method, and the preview that every tuning draws. */
    putTune(baseModel: BaseModelRef, picture: Buffer): string {
      const sha256 = digestOf(picture);
      const key = libraryKeys.reference(SUBJECT.subject, sha256);
      put(key, picture);
      const recipe = { method: 'textual-inversion' as const, settings: { steps: 2, views: 1 } };
      const place = { job: jobId('b'), version: 1, output: VERSION };
      return putJob({
        ...place,
        verb: 'tune',
        baseModel,
        ...SUBJECT,
        kind: 'character',
        references: [{ key, sha256 }],
        recipe,
      });
    },
    /** One picture of what was tuned. */
    putRender(baseModel: BaseModelRef): string {
      const key = `${VERSION}adapter.safetensors`;
      const content = readFileSync(join(folder, key));
      const { recipeHash: recipe } = JSON.parse(readFileSync(join(folder, `${VERSION}report.json`), 'utf8'));
      const adapter = { key, sha256: digestOf(content), sizeBytes: content.length };
      const plan: Plan = {
        campaign: CAMPAIGN,
        source: '0'.repeat(64),
        baseModel,
        sampler: { name: 'dpm-solver++', steps: 4, guidance: 4 },
        subjects: [{ ...SUBJECT, version: 1, method: 'textual-inversion', recipe, adapter }],
        cells: [
          { cell: CELL, prompt: '{mina} waving, on a beach', subjects: ['mina'], seed: 7, width: 128, height: 128 },
        ],
      };
      put(PLAN, JSON.stringify(Plan.parse(plan)));
      const output = libraryKeys.variants(CAMPAIGN);
      return putJob({ job: jobId('d'), verb: 'render', campaign: CAMPAIGN, plan: PLAN, shards: 1, output });
    },
  };
}
