import { BatchClient, ListJobsCommand, SubmitJobCommand } from '@aws-sdk/client-batch';
import { libraryKeys } from '../../lib/contracts/index.ts';
import { StoreCorruptError } from './errors.ts';
import type { Batch } from './ports.ts';
import { call } from './sdk.ts';

export interface BatchPlaces {
  readonly queue: string;
  readonly definition: string;
  readonly libraryBucket: string;
}

/** AWS Batch: one queue, one job definition. */
export function createBatch(places: BatchPlaces, client = new BatchClient({})): Batch {
  return {
    async find(name) {
      const filters = [{ name: 'JOB_NAME', values: [name] }];
      const command = new ListJobsCommand({ jobQueue: places.queue, filters });
      const { jobSummaryList = [] } = await call((options) => client.send(command, options));
      return jobSummaryList.find((job) => job.jobName === name)?.jobId;
    },
    async submit({ name, job, verb, epoch, shards }) {
      const command = new SubmitJobCommand({
        jobName: name,
        jobQueue: places.queue,
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
