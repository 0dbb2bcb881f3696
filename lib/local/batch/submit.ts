import { randomUUID } from 'node:crypto';
import type { Blueprint, JobDefinitionPlan, JobQueuePlan, RetryStrategy } from '../blueprint.ts';
import { asList, asNumber, asObject, asText, type JsonObject } from '../json.ts';
import { textFields } from './command.ts';
import { ClientException } from './errors.ts';
import type { Job } from './job.ts';
import { exitRules } from './retry.ts';

const JOB_NAME = /^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$/;
const ARRAY_SIZES = { least: 2, most: 10_000 };
const LEAST_TIMEOUT_SECONDS = 60;
/** Parts of a request that would change what runs, and that we do not run. */
const UNSUPPORTED = [
  'eksPropertiesOverride',
  'nodeOverrides',
  'ecsPropertiesOverride',
  'consumableResourcePropertiesOverride',
];

/** Read a SubmitJob request into a job, with its children where it is an array. Unknown names are refused. */
export function readSubmission(request: JsonObject, blueprint: Blueprint): Job {
  const name = asText(request.jobName) ?? '';
  if (!JOB_NAME.test(name)) throw new ClientException(`Job name ${JSON.stringify(name)} is not valid`);
  for (const part of UNSUPPORTED) {
    if (part in request) throw new ClientException(`${part} is not run by the local cloud`);
  }
  if (asList(request.dependsOn).length > 0) throw new ClientException('dependsOn is not run by the local cloud');
  const queue = findQueue(asText(request.jobQueue) ?? '', blueprint.jobQueues);
  if (!queue.enabled) throw new ClientException(`JobQueue ${queue.arn} is disabled`);
  const definition = findDefinition(asText(request.jobDefinition) ?? '', blueprint.jobDefinitions);
  const id = randomUUID();
  const job = bareJob(request, { id, name, queue, definition });
  const size = asNumber(asObject(request.arrayProperties).size);
  if (size !== undefined) {
    if (!Number.isInteger(size) || size < ARRAY_SIZES.least || size > ARRAY_SIZES.most) {
      throw new ClientException(`Array size ${size} must be between ${ARRAY_SIZES.least} and ${ARRAY_SIZES.most}`);
    }
    job.children = Array.from({ length: size }, (_, index) => ({
      ...bareJob(request, { id: `${id}:${index}`, name, queue, definition }),
      parent: job,
      index,
    }));
  }
  return job;
}

function bareJob(
  request: JsonObject,
  { id, name, queue, definition }: Pick<Job, 'id' | 'name' | 'queue' | 'definition'>,
): Job {
  const overrides = asObject(request.containerOverrides);
  const timeoutSeconds = asNumber(asObject(request.timeout).attemptDurationSeconds) ?? definition.timeoutSeconds;
  if (timeoutSeconds !== undefined && timeoutSeconds < LEAST_TIMEOUT_SECONDS) {
    throw new ClientException(`attemptDurationSeconds must be at least ${LEAST_TIMEOUT_SECONDS}`);
  }
  return {
    id,
    arn: definition.arn.replace(/:job-definition\/.*/, `:job/${id}`),
    name,
    queue,
    definition,
    overrides: {
      command: 'command' in overrides ? asList(overrides.command).map(String) : undefined,
      environment: Object.fromEntries(
        asList(overrides.environment).map((pair) => [
          asText(asObject(pair).name) ?? '',
          asText(asObject(pair).value) ?? '',
        ]),
      ),
    },
    parameters: textFields(request.parameters),
    retryStrategy: retryStrategyOf(request, definition),
    timeoutSeconds,
    tags: textFields(request.tags),
    shareIdentifier: asText(request.shareIdentifier),
    state: 'SUBMITTED',
    statusReason: undefined,
    createdAt: Date.now(),
    startedAt: undefined,
    stoppedAt: undefined,
    attempts: [],
    logStreamName: undefined,
    exitCode: undefined,
    reason: undefined,
    cancelled: false,
    terminated: false,
    children: undefined,
    parent: undefined,
    index: undefined,
  };
}

function retryStrategyOf(request: JsonObject, definition: JobDefinitionPlan): RetryStrategy {
  if (request.retryStrategy === undefined) return definition.retryStrategy;
  const { attempts, evaluateOnExit } = asObject(request.retryStrategy);
  return { attempts: asNumber(attempts) ?? 1, evaluateOnExit: exitRules(asList(evaluateOnExit)) };
}

/** Find a job queue by name or ARN. */
export function findQueue(wanted: string, queues: JobQueuePlan[]): JobQueuePlan {
  const queue = queues.find(({ name, arn }) => wanted === name || wanted === arn);
  if (queue === undefined) throw new ClientException(`JobQueue ${wanted} not found`);
  return queue;
}

/** Find a job definition by name or ARN, with its revision or without. */
function findDefinition(wanted: string, definitions: JobDefinitionPlan[]): JobDefinitionPlan {
  const definition = definitions.find(({ name, arn }) =>
    [name, `${name}:1`, arn, arn.replace(/:1$/, '')].includes(wanted),
  );
  if (definition === undefined) throw new ClientException(`JobDefinition ${wanted} not found`);
  return definition;
}
