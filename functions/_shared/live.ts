import { createBatch } from './batch-jobs.ts';
import { createDynamoTable } from './dynamo-table.ts';
import { readEnvironment } from './env.ts';
import { createSchedules } from './event-schedules.ts';
import type { Log, Ports } from './ports.ts';
import { createS3Objects } from './s3-objects.ts';
import { createSqsQueues } from './sqs-queues.ts';
import { createState } from './state.ts';

const now = () => new Date();

/** Make a value on first use, then keep it: a warm function makes its clients once. */
export function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

const intake = once(() => createS3Objects(readEnvironment('intakeBucket')));
const library = once(() => createS3Objects(readEnvironment('libraryBucket')));
const state = once(() => createState(createDynamoTable(readEnvironment('stateTable')), now));
const queues = once(() =>
  createSqsQueues({
    get tuning() {
      return readEnvironment('tuningQueueUrl');
    },
    get render() {
      return readEnvironment('renderQueueUrl');
    },
    get campaigns() {
      return readEnvironment('campaignQueueUrl');
    },
    get uploads() {
      return readEnvironment('uploadQueueUrl');
    },
    get jobChanges() {
      return readEnvironment('jobChangeQueueUrl');
    },
    get variants() {
      return readEnvironment('variantQueueUrl');
    },
  }),
);
const batch = once(() =>
  createBatch({
    queues: { spot: readEnvironment('spotQueue'), 'on-demand': readEnvironment('onDemandQueue') },
    definition: readEnvironment('workerDefinition'),
    libraryBucket: readEnvironment('libraryBucket'),
  }),
);
const schedules = once(() => createSchedules(readEnvironment('campaignSchedules')));
const settings = {
  get baseModel() {
    return readEnvironment('baseModel');
  },
  get shardCells() {
    return readEnvironment('shardCells');
  },
};

/** The real ports. Each is made when a step first asks for it, so importing a handler reads no environment. */
export const live = (log: Log): Omit<Ports, 'pictures' | 'encoder' | 'readFigures' | 'enlargePicture'> => ({
  now,
  log,
  settings,
  get intake() {
    return intake();
  },
  get library() {
    return library();
  },
  get state() {
    return state();
  },
  get queues() {
    return queues();
  },
  get batch() {
    return batch();
  },
  get schedules() {
    return schedules();
  },
});
