import { BatchClient, DescribeJobsCommand, ListJobsCommand, SubmitJobCommand } from '@aws-sdk/client-batch';
import { type JobRow, libraryKeys } from '../../lib/contracts/index.ts';
import { StoreCorruptError } from './errors.ts';
import type { Batch } from './ports.ts';
import { call } from './sdk.ts';

export interface BatchPlaces {
  readonly queues: Readonly<Record<JobRow['market'], string>>;
  readonly definition: string;
  readonly libraryBucket: string;
}

/** AWS Batch: a queue for each market, one job definition. */
export function createBatch(places: BatchPlaces, client = new BatchClient({})): Batch {
  return {
    async find(name, market) {
      const filters = [{ name: 'JOB_NAME', values: [name] }];
      const command = new ListJobsCommand({ jobQueue: places.queues[market], filters });
      const { jobSummaryList = [] } = await call((options) => client.send(command, options));
      return jobSummaryList.find((job) => job.jobName === name)?.jobId;
    },
    async describe(id) {
      const command = new DescribeJobsCommand({ jobs: [id] });
      const { jobs: [job] = [] } = await call((options) => client.send(command, options));
      if (!job?.status) return undefined;
      const exitCodes = (job.attempts ?? []).map(({ container }) => container?.exitCode);
      return { status: job.status, statusReason: job.statusReason, exitCodes };
    },
    async submit({ name, job, verb, epoch, shards, market }) {
      const command = new SubmitJobCommand({
        jobName: name,
        jobQueue: places.queues[market],
        jobDefinition: places.definition,
        parameters: { verb, job: `s3://${places.libraryBucket}/${libraryKeys.job(job)}`, epoch: String(epoch) },
        // Batch knows no array of one.
        ...(shards > 1 ? { arrayProperties: { size: shards } } : {}),
      });
      const { jobId } = await call((options) => client.send(command, options));
      if (!jobId) throw new StoreCorruptError(`Batch took ${name} and gave it no id`);
      return jobId;
    },
  };
}
