import { libraryKeys, rowKeys } from '../../lib/contracts/index.ts';
import type { TraceEntry } from '../../lib/local/index.ts';
import { eventually, type RunningApp } from './troupe-app.ts';

/** A subject that is tuned in a second or two, and a campaign of few cells: a pipeline's whole way, again and again. */
const REFERENCES = ['front.png', 'face.png'];
export const CELLS = 4;
export const CAMPAIGN = `
campaign: scenes
subjects: [mina]
prompts: ["{mina} waving on the beach", "{mina} smiling in the park"]
seeds: ${CELLS / 2}
sampler: { steps: 2 }
`;

/** `subject.yaml` of a subject, with settings of its method otherwise than the small ones. */
export function manifest(subject: string, settings: Record<string, number> = {}): string {
  const small = { rank: 2, steps: 6, batch: 2, classPictures: 2, classSteps: 2, views: 2, ...settings };
  return `
subject: ${subject}
kind: character
noun: girl
references: [${REFERENCES.join(', ')}]
method: dreambooth-lora
settings: ${JSON.stringify(small)}
passport: { owner: Example Studio, consent: own-design, uses: [marketing], territories: [worldwide], expires: 2099-12-31 }
`;
}

export async function uploadSubject(cloud: RunningApp, subject: string, settings?: Record<string, number>) {
  for (const file of REFERENCES) await cloud.uploadFile(`subjects/${subject}/${file}`, `demo/subjects/mina/${file}`);
  await cloud.upload(`subjects/${subject}/subject.yaml`, manifest(subject, settings));
}

/** What a run left that must not depend on what went wrong: SHA-256 by key of its version, its variants and what people look at. */
export interface Outcome {
  version: Record<string, string>;
  variants: Record<string, string>;
  large: Record<string, string>;
  /** Scores by cell. */
  scores: Record<string, object>;
}

/** Wait until the campaign is drawn and every variant scored and enlarged; a failure ends the wait with its sentence. */
export async function drawn(cloud: RunningApp, meanwhile: () => void = () => undefined): Promise<Outcome> {
  await eventually('the campaign is drawn, scored and enlarged', 600, async () => {
    meanwhile();
    const campaign = await cloud.row('campaign', rowKeys.campaign('scenes'));
    const failed = campaign?.failure ?? (await cloud.row('subject', rowKeys.subject('mina')))?.failure;
    if (failed) throw new Error(failed.sentence);
    if (campaign?.state !== 'drawn') return undefined;
    const done = (await scoresOf(cloud)).filter(({ large }) => large === 'written');
    return done.length === CELLS || undefined;
  });
  return {
    version: await cloud.digests(libraryKeys.version('mina', 1)),
    variants: await cloud.digests(libraryKeys.variants('scenes')),
    large: await cloud.digests(libraryKeys.large('scenes')),
    scores: Object.fromEntries((await scoresOf(cloud)).map(({ cell, scores }) => [cell, scores])),
  };
}

const scoresOf = async (cloud: RunningApp) =>
  (await cloud.rows('variant')).filter(({ campaign }) => campaign === 'scenes');

/** The hops of one kind. */
export const hops = (cloud: RunningApp, hop: TraceEntry['hop']): TraceEntry[] =>
  cloud.trace().filter((entry) => entry.hop === hop);

/** How often each job was submitted, by its verb: one number a job. */
export async function submissions(cloud: RunningApp, verb: 'tune' | 'render'): Promise<number[]> {
  const names = hops(cloud, 'job.submitted').map(({ jobName = '' }) => jobName);
  const jobs = (await cloud.rows('job')).filter((row) => row.verb === verb);
  return jobs.map(({ job }) => names.filter((name) => name.startsWith(job)).length);
}
