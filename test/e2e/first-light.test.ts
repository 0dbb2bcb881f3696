import { rmSync } from 'node:fs';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { JobProgress, JobResult, libraryKeys, rowKeys } from '../../lib/contracts/index.ts';
import type { TraceEntry } from '../../lib/local/index.ts';
import { eventually, RunningApp, scratchFolder, synthesiseTiny } from './troupe-app.ts';

const REFERENCES = ['front.png', 'wave.png', 'sit.png', 'face.png'];
const MANIFEST = `
subject: mina
kind: character
noun: girl
references: [${REFERENCES.join(', ')}]
passport: { owner: Example Studio, consent: own-design, uses: [marketing], territories: [worldwide], expires: 2099-12-31 }
`;
// Several batches, so that the kill finds some pictures drawn and some not.
const CELLS = 24;
const CAMPAIGN = `
campaign: scenes
subjects: [mina]
prompts: ["{mina} waving on the beach", "{mina} smiling in the park"]
seeds: ${CELLS / 2}
sampler: { steps: 4 }
`;

/** What a run left that must not depend on how often it was interrupted. */
interface Outcome {
  version: Record<string, string>;
  variants: Record<string, string>;
  /** What people look at. */
  large: Record<string, string>;
}

let folder: string;
let app: { cdkOut: string; models: string };

beforeAll(() => {
  folder = scratchFolder('first-light');
  app = synthesiseTiny(folder);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const campaignOf = (cloud: RunningApp) => cloud.row('campaign', rowKeys.campaign('scenes'));
const subjectOf = (cloud: RunningApp) => cloud.row('subject', rowKeys.subject('mina'));

async function uploadAll(cloud: RunningApp): Promise<void> {
  // The campaign first: it has to wait, say why, and go on by itself.
  await cloud.upload('campaigns/scenes.yaml', CAMPAIGN);
  await eventually('the campaign waits', 60, async () => (await campaignOf(cloud))?.wait);
  await cloud.upload('subjects/mina/subject.yaml', MANIFEST);
  for (const file of REFERENCES) await cloud.uploadFile(`subjects/mina/${file}`, `demo/subjects/mina/${file}`);
}

async function drawn(cloud: RunningApp): Promise<void> {
  await eventually('the campaign is drawn', 600, async () => {
    const campaign = await campaignOf(cloud);
    const failed = campaign?.failure ?? (await subjectOf(cloud))?.failure;
    if (failed) throw new Error(failed.sentence);
    return campaign?.state === 'drawn' || undefined;
  });
  await eventually('every variant is scored and enlarged', 60, async () => {
    const variants = await cloud.rows('variant');
    return (variants.length === CELLS && variants.every(({ large }) => large === 'written')) || undefined;
  });
}

async function outcomeOf(cloud: RunningApp): Promise<Outcome> {
  return {
    version: await cloud.digests(libraryKeys.version('mina', 1)),
    variants: await cloud.digests(libraryKeys.variants('scenes')),
    large: await cloud.digests(libraryKeys.large('scenes')),
  };
}

/** The hops of one kind; of one job, whose Batch name begins with its own. */
const hops = (cloud: RunningApp, hop: TraceEntry['hop'], job = '') =>
  cloud.trace().filter((entry) => entry.hop === hop && (entry.jobName ?? '').startsWith(job));

/** Kill the process that works on a job, as a spot host's end would: without a word. */
function killWorker(cloud: RunningApp, job: string): void {
  const { pid } = hops(cloud, 'job.started', job).at(-1) ?? {};
  if (pid === undefined) throw new Error(`nobody works on ${job}`);
  process.kill(pid, 'SIGKILL');
}

describe('from bucket to bucket', () => {
  let unbroken: Outcome;

  it('references and a campaign become scored variants, each hop by its own process', async () => {
    const cloud = await RunningApp.start(app, `${folder}/unbroken`);
    try {
      await uploadAll(cloud);
      await drawn(cloud);
      unbroken = await outcomeOf(cloud);
      expect(Object.keys(unbroken.version).map((key) => key.split('/').at(-1))).toEqual(
        expect.arrayContaining(['adapter.safetensors', 'recipe.json', 'report.json', 'preview.png']),
      );
      expect(Object.keys(unbroken.variants)).toHaveLength(2 * CELLS);
      const [{ cell = '' } = {}] = await cloud.rows('variant');
      const [drawnPicture, large] = await Promise.all([
        cloud.read(libraryKeys.variantPicture('scenes', cell)),
        cloud.read(libraryKeys.largePicture('scenes', cell)),
      ]);
      expect(Object.keys(unbroken.large)).toHaveLength(CELLS);
      expect((await sharp(large).metadata()).width).toBe(3 * ((await sharp(drawnPicture).metadata()).width ?? 0));
      // Nothing starts from it.
      const arrived = hops(cloud, 'object.created').filter(({ objectKey = '' }) => objectKey.includes('/large/'));
      const routed = hops(cloud, 'event.routed').map(({ eventId }) => eventId);
      expect(arrived).toHaveLength(CELLS);
      expect(arrived.filter(({ eventId }) => routed.includes(eventId))).toEqual([]);

      const scores = (await cloud.rows('variant')).map((variant) => variant.scores);
      const references = (await cloud.rows('reference')).map((reference) => reference.picture?.sha256);
      expect(references).toHaveLength(REFERENCES.length);
      for (const score of scores) {
        expect(references).toContain(score.nearestReference);
        expect(score.nearestSimilarity).toBeGreaterThanOrEqual(score.similarity - 1);
        expect(score).toMatchObject({ rank: 1, ofSubjects: 1 });
      }

      const order = ['object.created', 'event.routed', 'function.invoked', 'job.submitted', 'job.started'] as const;
      const first = order.map((hop) => cloud.trace().findIndex((entry) => entry.hop === hop));
      expect(first).toEqual([...first].sort((a, b) => a - b));
      const workers = hops(cloud, 'job.started').map(({ pid }) => pid);
      const functions = hops(cloud, 'function.invoked').map(({ pid }) => pid);
      // One process tuned, one drew every cell; no function shares a process with either.
      expect(new Set(workers).size).toBe(2);
      expect(workers.filter((pid) => functions.includes(pid))).toEqual([]);
      expect(new Set(hops(cloud, 'function.invoked').map((entry) => entry.function)).size).toBe(5);
    } finally {
      await cloud.stop();
    }
  });

  it('killed while tuning and while drawing, it is retried, draws only what is missing, and leaves the same bytes', async () => {
    const cloud = await RunningApp.start(app, `${folder}/killed`);
    try {
      await uploadAll(cloud);
      const tune = await eventually('tuning is under way', 300, async () => {
        const [job] = (await cloud.rows('job')).filter((row) => row.verb === 'tune');
        if (!job) return undefined;
        const progress = await cloud.read(`${libraryKeys.jobState(job.job, 0, 1)}progress.json`).catch(() => undefined);
        if (!progress) return undefined;
        const { phase, step } = JobProgress.parse(JSON.parse(Buffer.from(progress).toString()));
        return phase === 'tune' && step >= 60 ? job.job : undefined;
      });
      killWorker(cloud, tune);

      const render = await eventually('some pictures are drawn', 600, async () => {
        const [job] = (await cloud.rows('job')).filter((row) => row.verb === 'render');
        if (!job) return undefined;
        const pictures = Object.keys(await cloud.digests(libraryKeys.variants('scenes')));
        return pictures.length > 0 && pictures.length < 2 * CELLS ? job.job : undefined;
      });
      killWorker(cloud, render);
      await drawn(cloud);

      for (const job of [tune, render]) {
        expect(hops(cloud, 'job.ended', job).map(({ exitCode }) => exitCode)).toEqual([137, 0]);
        expect(hops(cloud, 'job.submitted', job)).toHaveLength(1);
      }
      const result = JobResult.parse(
        JSON.parse(Buffer.from(await cloud.read(`${libraryKeys.jobState(render, 0, 1)}result.json`)).toString()),
      );
      if (result.state !== 'done') throw new Error(result.sentence);
      expect(result.attempt).toBe(2);
      expect(result.skipped).toBeGreaterThan(0);
      expect(result.skipped).toBeLessThan(result.outputs.length);
      expect(await outcomeOf(cloud)).toEqual(unbroken);
    } finally {
      await cloud.stop();
    }
  });
});
