import { BatchClient, DescribeJobsCommand, ListJobsCommand, SubmitJobCommand } from '@aws-sdk/client-batch';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { createBatch } from '../../functions/_shared/batch-jobs.ts';
import { PassingError } from '../../functions/_shared/errors.ts';

// moto runs no job without Docker, so Batch’s answers are played here; the local cloud’s Batch is tested end to end.
const client = mockClient(BatchClient);
const batch = createBatch(
  { queues: { spot: 'gpu', 'on-demand': 'dear' }, definition: 'worker:3', libraryBucket: 'library' },
  new BatchClient({ region: 'us-east-1' }),
);
const job = `job_${'0'.repeat(24)}`;
const submission = { name: `${job}-1`, job, verb: 'tune', epoch: 1, shards: 1, market: 'spot' } as const;

beforeEach(() => client.reset());

describe('Batch', () => {
  it('is asked for a job by its exact name, in any state', async () => {
    client.on(ListJobsCommand).resolves({
      jobSummaryList: [
        { jobId: 'other', jobName: `${job}-10` },
        { jobId: 'ours', jobName: `${job}-1` },
      ],
    });
    expect(await batch.find(`${job}-1`, 'spot')).toBe('ours');
    const [call] = client.commandCalls(ListJobsCommand);
    // With a filter Batch looks at every state; with a state it would look at that one only.
    expect(call?.args[0].input).toEqual({ jobQueue: 'gpu', filters: [{ name: 'JOB_NAME', values: [`${job}-1`] }] });
  });

  it('has no job that was never submitted', async () => {
    client.on(ListJobsCommand).resolves({ jobSummaryList: [] });
    expect(await batch.find(`${job}-1`, 'spot')).toBeUndefined();
  });

  it('is given the place of the job file, the verb and the epoch as parameters', async () => {
    client.on(SubmitJobCommand).resolves({ jobId: 'b1', jobName: submission.name });
    expect(await batch.submit(submission)).toBe('b1');
    expect(client.commandCalls(SubmitJobCommand)[0]?.args[0].input).toEqual({
      jobName: `${job}-1`,
      jobQueue: 'gpu',
      jobDefinition: 'worker:3',
      parameters: { verb: 'tune', job: `s3://library/jobs/${job}/job.json`, epoch: '1' },
    });
  });

  it('is asked for an array only when there are several shards', async () => {
    client.on(SubmitJobCommand).resolves({ jobId: 'b1', jobName: submission.name });
    await batch.submit({ ...submission, shards: 7 });
    expect(client.commandCalls(SubmitJobCommand)[0]?.args[0].input.arrayProperties).toEqual({ size: 7 });
  });

  it('is asked for machines at full price by the other queue', async () => {
    client.on(SubmitJobCommand).resolves({ jobId: 'b1', jobName: submission.name });
    await batch.submit({ ...submission, market: 'on-demand' });
    expect(client.commandCalls(SubmitJobCommand)[0]?.args[0].input.jobQueue).toBe('dear');
  });

  it('says how a job stands, and nothing of one that it has forgotten', async () => {
    const attempts = [{ container: { exitCode: 75 } }, { container: {} }];
    client.on(DescribeJobsCommand).resolvesOnce({
      jobs: [{ jobId: 'b1', status: 'FAILED', statusReason: 'Host EC2 terminated', attempts } as never],
    });
    expect(await batch.describe('b1')).toEqual({
      status: 'FAILED',
      statusReason: 'Host EC2 terminated',
      exitCodes: [75, undefined],
    });
    client.on(DescribeJobsCommand).resolves({ jobs: [] });
    expect(await batch.describe('b1')).toBeUndefined();
  });

  it('that is too busy is a passing error', async () => {
    const busy = Object.assign(new Error('slow down'), {
      name: 'TooManyRequestsException',
      $metadata: { httpStatusCode: 429 },
    });
    client.on(SubmitJobCommand).rejects(busy);
    await expect(batch.submit(submission)).rejects.toBeInstanceOf(PassingError);
  });
});
