import { canonicalJson, sha256 } from '../../functions/_shared/hash.ts';
import {
  type BatchJobStateChange,
  Job,
  libraryKeys,
  Plan,
  BatchJobStateChange as StateChange,
  type StoredObject,
  VERSION_FILES,
} from '../../lib/contracts/index.ts';
import type { World } from './world.ts';

const common = { epoch: 1, attempt: 1, seconds: { load: 1, work: 2 }, device: 'none', libraries: {} };

type Submitted = World['submissions'][number];

/** Do a submitted job’s work at once: what the GPU container leaves in the library. Returns the keys of the pictures it drew. */
export function work({ library }: World, { job: jobId, id }: Submitted): string[] {
  const job = Job.parse(JSON.parse(text(library.objects.get(libraryKeys.job(jobId)))));
  const claim = { job: jobId, epoch: 1, holder: id, attempt: 1 };
  library.put(`jobs/${jobId}/claim.json`, JSON.stringify(claim));
  const stored = (key: string, content: string): StoredObject => {
    library.put(key, content);
    return { key, sha256: sha256(content), sizeBytes: Buffer.byteLength(content) };
  };
  const done = (shard: number, outputs: StoredObject[]) =>
    canonicalJson({ ...common, job: jobId, verb: job.verb, state: 'done', shard, outputs, skipped: 0 });

  if (job.verb === 'tune') {
    const { recipe, baseModel, subject, version, references, output } = job;
    const adapter = stored(`${output}${VERSION_FILES.adapter}`, `adapter of ${subject} ${version}`);
    const full = { ...recipe, baseModel };
    const report = {
      ...{ subject, version, recipe: full, recipeHash: sha256(canonicalJson(full)), adapter },
      ...{ references: references.map((reference) => reference.sha256), steps: 10, loss: [1, 0.5] },
    };
    stored(`${output}${VERSION_FILES.report}`, canonicalJson(report));
    library.put(`jobs/${jobId}/result.json`, done(0, [adapter]));
    return [];
  }
  const plan = Plan.parse(JSON.parse(text(library.objects.get(job.plan))));
  const drawn = plan.cells.map((cell) => {
    const picture = stored(`${job.output}${cell.cell}.png`, `png of ${cell.subjects[0]} ${cell.prompt} ${cell.seed}`);
    const subjects = plan.subjects
      .filter(({ subject }) => cell.subjects.includes(subject))
      .map(({ subject, version, recipe, adapter }) => ({ subject, version, recipe, adapter: adapter.sha256 }));
    const sidecar = {
      ...{ campaign: plan.campaign, cell, promptDrawn: cell.prompt, sampler: plan.sampler, baseModel: plan.baseModel },
      ...{ subjects, picture, device: 'none', libraries: {} },
    };
    stored(`${job.output}${cell.cell}.json`, canonicalJson(sidecar));
    return picture;
  });
  for (let shard = 0; shard < job.shards; shard += 1) {
    const outputs = drawn.filter((_, index) => index % job.shards === shard);
    library.put(`${libraryKeys.jobState(jobId, shard, job.shards)}result.json`, done(shard, outputs));
  }
  return drawn.map(({ key }) => key);
}

/** Batch’s news of a job that ended. */
export const jobEnded = (
  { name, id }: Pick<Submitted, 'name' | 'id'>,
  status: 'SUCCEEDED' | 'FAILED' = 'SUCCEEDED',
  detail: Partial<BatchJobStateChange['detail']> = {},
): BatchJobStateChange =>
  StateChange.parse({
    'detail-type': 'Batch Job State Change',
    source: 'aws.batch',
    detail: { jobId: id, jobName: name, status, ...detail },
  });

const text = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString();
