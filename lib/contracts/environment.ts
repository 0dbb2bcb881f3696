/**
 * Names of the variables through which a construct tells a function where things are. BASE_MODEL is JSON of BaseModelRef,
 * CAMPAIGN_SCHEDULES of ScheduleHome.
 * ENCODER_FOLDER, READER_FOLDER and UPSCALER_FOLDER are absolute, or relative to the function’s bundle. Some may be missing:
 * SHARD_CELLS, how many cells one worker process draws (32): a campaign of no more is a plain job; READER_FOLDER and
 * UPSCALER_FOLDER, where there is no such net.
 */
export const ENVIRONMENT = {
  intakeBucket: 'INTAKE_BUCKET',
  libraryBucket: 'LIBRARY_BUCKET',
  stateTable: 'STATE_TABLE',
  tuningQueueUrl: 'TUNING_QUEUE_URL',
  renderQueueUrl: 'RENDER_QUEUE_URL',
  campaignQueueUrl: 'CAMPAIGN_QUEUE_URL',
  uploadQueueUrl: 'UPLOAD_QUEUE_URL',
  jobChangeQueueUrl: 'JOB_CHANGE_QUEUE_URL',
  variantQueueUrl: 'VARIANT_QUEUE_URL',
  spotQueue: 'SPOT_QUEUE',
  onDemandQueue: 'ON_DEMAND_QUEUE',
  workerDefinition: 'WORKER_DEFINITION',
  baseModel: 'BASE_MODEL',
  encoderFolder: 'ENCODER_FOLDER',
  readerFolder: 'READER_FOLDER',
  upscalerFolder: 'UPSCALER_FOLDER',
  shardCells: 'SHARD_CELLS',
  campaignSchedules: 'CAMPAIGN_SCHEDULES',
} as const;

export type EnvironmentName = keyof typeof ENVIRONMENT;

/** How often the sweep looks for what lost events left behind. */
export const SWEEP_MINUTES = 15;

/** Hours that a job waits for a machine before it is asked for at full price, or fails. */
export const PATIENCE_HOURS = 6;

/** What Batch says of a job, or a shard, that it gave up on while it waited for a machine. */
export const NO_MACHINE = 'CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY';

/** Side in pixels of the square picture that a family’s base model was made for. */
export const NATIVE_SIZE = { paperdoll: 128, sd15: 512, sdxl: 1_024 } as const;

/** Variables the worker reads: where the models are. Everything else is in its job file or on its command line. */
export const WORKER_ENVIRONMENT = { models: 'TROUPE_MODELS' } as const;

/** Outputs of the stacks by which a command line finds a deployed Troupe. Bucket and table names, never URLs. */
export const STACK_OUTPUTS = {
  intakeBucket: 'IntakeBucket',
  libraryBucket: 'LibraryBucket',
  stateTable: 'StateTable',
} as const;

export type StackOutput = keyof typeof STACK_OUTPUTS;
