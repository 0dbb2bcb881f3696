import { join } from 'node:path';
import { CfnOutput, Duration, Size, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import {
  CampaignSchedules,
  GpuCompute,
  JobFeed,
  Network,
  ObjectFeed,
  PrivateBucket,
  QueueFedFunction,
  StateTable,
  SweepClock,
  Watch,
  WorkerJob,
  WorkQueue,
} from '../constructs/index.ts';
import { ENVIRONMENT, STACK_OUTPUTS, SWEEP_MINUTES } from '../contracts/environment.ts';
import { LASTING_KEYS } from '../contracts/keys.ts';
import type { StageConfig } from '../contracts/stage.ts';
import { acknowledge } from './acknowledgements.ts';
import { readBaseModel } from './base-model.ts';
import { findNet } from './find-net.ts';

export interface TroupeStackProps extends StackProps {
  readonly config: StageConfig;
  /** Folder of the models: `models.lock.json`, `identity`, the base model, and where there are any `reader` and `upscaler`. */
  readonly models: string;
}

/** All of Troupe in one account, in the order in which a picture goes through it. */
export class TroupeStack extends Stack {
  constructor(scope: Construct, id: string, { config, models, ...props }: TroupeStackProps) {
    super(scope, id, props);
    const { keepData: keep, logRetentionDays: logRetention } = config;
    const encoder = join(models, 'identity');
    const reader = findNet(models, 'reader');
    const upscaler = findNet(models, 'upscaler');

    // Two buckets: nothing that Troupe writes can start Troupe again by accident.
    const intake = new PrivateBucket(this, 'Intake', {
      variable: ENVIRONMENT.intakeBucket,
      keep,
      undoFor: Duration.days(7),
    });
    const library = new PrivateBucket(this, 'Library', {
      variable: ENVIRONMENT.libraryBucket,
      keep,
      undoFor: Duration.days(30),
      // All that lasts or decides. Progress and checkpoints are their one holder's, and are written over.
      conditional: [...LASTING_KEYS],
      // Claims, checkpoints and results of jobs: what lasts of them is in the state table and in the sidecars.
      passing: { 'jobs/': Duration.days(90) },
    });
    const state = new StateTable(this, 'State', { keep });

    // Where something waits to be done, named by what waits, with the time that doing it may take.
    const uploads = new WorkQueue(this, 'Uploads', { handledWithin: Duration.minutes(2) });
    const campaigns = new WorkQueue(this, 'Campaigns', { handledWithin: Duration.minutes(1) });
    const tuning = new WorkQueue(this, 'Tuning', { handledWithin: Duration.minutes(1) });
    const render = new WorkQueue(this, 'Render', { handledWithin: Duration.minutes(1) });
    const jobChanges = new WorkQueue(this, 'JobChanges', { handledWithin: Duration.minutes(1) });
    const variants = new WorkQueue(this, 'Variants', { handledWithin: Duration.minutes(2) });

    const sweeps = new WorkQueue(this, 'Sweeps', { handledWithin: Duration.minutes(5) });

    // Where the GPU work is done.
    const network = new Network(this, 'Network', { isolated: config.isolated });
    const gpu = new GpuCompute(this, 'Gpu', { network, maxvCpus: config.maxvCpus });
    const worker = new WorkerJob(this, 'Worker', { library, logRetention });

    // What is dropped in the intake, what the worker draws and how its jobs end: each arrow ends in a queue.
    // Whatever is no campaign: an upload under a name that says nothing gets a record too, with what to do.
    new ObjectFeed(this, 'SubjectFiles', {
      from: intake,
      keys: { 'anything-but': { prefix: 'campaigns/' } },
      to: uploads,
    });
    new ObjectFeed(this, 'CampaignFiles', { from: intake, keys: { prefix: 'campaigns/' }, to: campaigns });
    new ObjectFeed(this, 'Pictures', { from: library, keys: { wildcard: 'campaigns/*/variants/*.png' }, to: variants });
    new JobFeed(this, 'JobEnds', { from: gpu, to: jobChanges });

    const schedules = new CampaignSchedules(this, 'Schedules', { to: campaigns });
    new SweepClock(this, 'SweepDue', { every: Duration.minutes(SWEEP_MINUTES), to: sweeps });

    const light = { memory: Size.mebibytes(512), logRetention, batch: 10, copies: 2 };
    const seeing = { memory: Size.mebibytes(2_048), logRetention, batch: 5, copies: 8 };

    const ingestUpload = new QueueFedFunction(this, 'IngestUpload', {
      folder: 'ingest-upload',
      from: [uploads],
      ...seeing,
      nets: { encoder, reader },
    });
    intake.grantRead(ingestUpload, ['subjects/*']);
    library.grantWrite(ingestUpload, ['subjects/*/references/*']);
    state.grantReadWrite(ingestUpload);
    tuning.grantSend(ingestUpload, ENVIRONMENT.tuningQueueUrl);
    campaigns.grantSend(ingestUpload, ENVIRONMENT.campaignQueueUrl);

    const planCampaign = new QueueFedFunction(this, 'PlanCampaign', {
      folder: 'plan-campaign',
      from: [campaigns],
      ...light,
    });
    intake.grantRead(planCampaign, ['campaigns/*']);
    library.grantRead(planCampaign, ['campaigns/*/plan.json']);
    library.grantWrite(planCampaign, ['campaigns/*/plan.json']);
    state.grantReadWrite(planCampaign);
    render.grantSend(planCampaign, ENVIRONMENT.renderQueueUrl);
    campaigns.grantSend(planCampaign, ENVIRONMENT.campaignQueueUrl);
    schedules.grantKeep(planCampaign, ENVIRONMENT.campaignSchedules);
    planCampaign.addEnvironment(ENVIRONMENT.shardCells, String(config.cellsPerShard));

    const startJob = new QueueFedFunction(this, 'StartJob', { folder: 'start-job', from: [tuning, render], ...light });
    library.grantWrite(startJob, ['jobs/*/job.json']);
    state.grantReadWrite(startJob);
    worker.grantSubmit(startJob, gpu);
    campaigns.grantSend(startJob, ENVIRONMENT.campaignQueueUrl);

    const recordJob = new QueueFedFunction(this, 'RecordJob', { folder: 'record-job', from: [jobChanges], ...light });
    library.grantRead(recordJob, ['jobs/*', 'subjects/*/versions/*']);
    state.grantReadWrite(recordJob);
    campaigns.grantSend(recordJob, ENVIRONMENT.campaignQueueUrl);
    tuning.grantSend(recordJob, ENVIRONMENT.tuningQueueUrl);
    render.grantSend(recordJob, ENVIRONMENT.renderQueueUrl);
    worker.grantDescribe(recordJob, gpu);

    const gateVariants = new QueueFedFunction(this, 'GateVariants', {
      folder: 'gate-variants',
      from: [variants],
      ...seeing,
      nets: { encoder, upscaler },
    });
    library.grantRead(gateVariants, ['campaigns/*/variants/*']);
    library.grantWrite(gateVariants, ['campaigns/*/large/*']);
    state.grantReadWrite(gateVariants);
    state.grantList(gateVariants);

    const sweepState = new QueueFedFunction(this, 'SweepState', { folder: 'sweep-state', from: [sweeps], ...light });
    intake.grantList(sweepState);
    library.grantList(sweepState);
    state.grantRead(sweepState);
    state.grantList(sweepState);
    worker.grantDescribe(sweepState, gpu);
    for (const [queue, variable] of [
      [uploads, ENVIRONMENT.uploadQueueUrl],
      [campaigns, ENVIRONMENT.campaignQueueUrl],
      [tuning, ENVIRONMENT.tuningQueueUrl],
      [render, ENVIRONMENT.renderQueueUrl],
      [jobChanges, ENVIRONMENT.jobChangeQueueUrl],
      [variants, ENVIRONMENT.variantQueueUrl],
    ] as const) {
      queue.grantSend(sweepState, variable);
    }

    // Who asks whether a subject is tuned, plans or starts a job, must mean the same base model.
    const baseModel = JSON.stringify(readBaseModel(models, config.baseModel, config.use));
    for (const fn of [ingestUpload, planCampaign, startJob]) fn.addEnvironment(ENVIRONMENT.baseModel, baseModel);

    new Watch(this, 'Watch', {
      queues: {
        Uploads: uploads,
        Campaigns: campaigns,
        Tuning: tuning,
        Render: render,
        'Job changes': jobChanges,
        Variants: variants,
        Sweeps: sweeps,
      },
      functions: {
        'ingest-upload': ingestUpload,
        'plan-campaign': planCampaign,
        'start-job': startJob,
        'record-job': recordJob,
        'gate-variants': gateVariants,
        'sweep-state': sweepState,
      },
      recorder: recordJob,
      sweep: sweepState,
    });

    acknowledge(this);

    const addresses = {
      [STACK_OUTPUTS.intakeBucket]: intake.bucket.bucketName,
      [STACK_OUTPUTS.libraryBucket]: library.bucket.bucketName,
      [STACK_OUTPUTS.stateTable]: state.table.tableName,
    };
    for (const [name, value] of Object.entries(addresses)) new CfnOutput(this, name, { value });
  }
}
