#!/usr/bin/env node
import { parseArgs } from 'node:util';
import { S3Client } from '@aws-sdk/client-s3';
import sharp from 'sharp';
import { canonicalJson, digestOf, sha256 } from '../../../functions/_shared/hash.ts';
import { createS3Objects } from '../../../functions/_shared/s3-objects.ts';
import {
  type Claim,
  Job,
  type JobResult,
  libraryKeys,
  Plan,
  type RenderJob,
  type StoredObject,
  type SubjectReport,
  type TuneJob,
  type Variant,
  VERSION_FILES,
} from '../../contracts/index.ts';

/**
 * In the worker's place where the pipeline around it is measured: reads the same job, takes the claim and leaves the same files
 * in the same order, with a picture of one colour for each cell. `python -m troupe_worker` is started as this file with its words.
 */
const MOST_BYTES = 100_000_000;
const { values, positionals } = parseArgs({
  args: process.argv.slice(4),
  options: { job: { type: 'string' }, epoch: { type: 'string', default: '1' } },
  allowPositionals: true,
});
const [, bucket = '', key = ''] = /^s3:\/\/([^/]+)\/(.+)$/.exec(values.job ?? '') ?? [];
// The local cloud is found by an address, under which buckets are paths.
const library = createS3Objects(bucket, new S3Client({ forcePathStyle: true }));
const job = Job.parse(await readJson(key));
if (job.verb !== positionals[0]) throw new Error(`${key} is a job to ${job.verb}`);

const began = performance.now();
const shards = job.verb === 'render' ? job.shards : 1;
const shard = shards === 1 ? 0 : Number(process.env.AWS_BATCH_JOB_ARRAY_INDEX);
const folder = libraryKeys.jobState(job.job, shard, shards);
const epoch = Number(values.epoch);
const attempt = Number(process.env.AWS_BATCH_JOB_ATTEMPT ?? 1);
const claim: Claim = { job: job.job, epoch, holder: process.env.AWS_BATCH_JOB_ID ?? 'local', attempt };
await write(`${folder}claim.json`, canonicalJson(claim));
const outputs = job.verb === 'tune' ? await pretendToTune(job) : await drawAtOnce(job);
const result: JobResult = {
  ...{ job: job.job, verb: job.verb, epoch, attempt, shard, state: 'done', outputs, skipped: 0 },
  ...{ seconds: { work: (performance.now() - began) / 1_000 }, device: 'none', libraries: {} },
};
await write(`${folder}result.json`, canonicalJson(result));

async function pretendToTune({ recipe, baseModel, subject, version, references, output }: TuneJob) {
  const full = { ...recipe, baseModel };
  const adapter = await write(`${output}${VERSION_FILES.adapter}`, `an adapter of ${subject} ${version}`);
  const stored = [adapter, await write(`${output}${VERSION_FILES.recipe}`, canonicalJson(full))];
  const report: SubjectReport = {
    ...{ subject, version, recipe: full, recipeHash: digestOf(full), adapter, steps: 0, loss: [] },
    references: references.map((reference) => reference.sha256),
  };
  return [...stored, await write(`${output}${VERSION_FILES.report}`, canonicalJson(report))];
}

async function drawAtOnce({ plan: planKey, output, campaign }: RenderJob): Promise<StoredObject[]> {
  const plan = Plan.parse(await readJson(planKey));
  const drawn: StoredObject[] = [];
  for (const cell of plan.cells.filter((_, index) => index % shards === shard)) {
    const { width, height, seed } = cell;
    const background = { r: seed & 255, g: (seed >> 8) & 255, b: 128 };
    const png = await sharp({ create: { width, height, channels: 3, background } })
      .png()
      .toBuffer();
    const picture = describe(`${output}${cell.cell}.png`, png);
    const subjects = plan.subjects
      .filter(({ subject }) => cell.subjects.includes(subject))
      .map(({ subject, version, recipe, adapter }) => ({ subject, version, recipe, adapter: adapter.sha256 }));
    const sidecar: Variant = {
      ...{ campaign, cell, promptDrawn: cell.prompt, sampler: plan.sampler, baseModel: plan.baseModel },
      ...{ subjects, picture, device: 'none', libraries: {} },
    };
    // The sidecar first, as the worker does: the picture's arrival is the news.
    await write(libraryKeys.variantSidecar(campaign, cell.cell), canonicalJson(sidecar));
    drawn.push(await write(picture.key, png));
  }
  return drawn;
}

async function readJson(name: string): Promise<unknown> {
  const bytes = await library.read(name, MOST_BYTES);
  if (!bytes) throw new Error(`${name} is not there`);
  return JSON.parse(Buffer.from(bytes).toString());
}

async function write(name: string, content: Uint8Array | string): Promise<StoredObject> {
  const bytes = Buffer.from(content);
  const type = name.endsWith('.png') ? 'image/png' : 'application/json';
  await library.create(name, bytes, type);
  return describe(name, bytes);
}

function describe(name: string, bytes: Uint8Array): StoredObject {
  return { key: name, sha256: sha256(bytes), sizeBytes: bytes.length };
}
