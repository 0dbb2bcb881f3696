import type { ComputeEnvironmentPlan, JobDefinitionPlan, JobQueuePlan } from '../blueprint.ts';
import { type Job, statusSummary } from './job.ts';

/** A job as DescribeJobs and the state change event show it. */
export function describeJob(job: Job) {
  return {
    jobArn: job.arn,
    jobName: job.name,
    jobId: job.id,
    jobQueue: job.queue.arn,
    status: job.state,
    attempts: job.attempts,
    createdAt: job.createdAt,
    ...present({
      statusReason: job.statusReason,
      startedAt: job.startedAt,
      stoppedAt: job.stoppedAt,
      shareIdentifier: job.shareIdentifier,
      timeout: job.timeoutSeconds === undefined ? undefined : { attemptDurationSeconds: job.timeoutSeconds },
    }),
    retryStrategy: job.retryStrategy,
    dependsOn: [],
    jobDefinition: job.definition.arn,
    parameters: { ...job.definition.parameters, ...job.parameters },
    isCancelled: job.cancelled,
    isTerminated: job.terminated,
    tags: job.tags,
    platformCapabilities: ['EC2'],
    container: {
      image: job.definition.image,
      command: job.overrides.command ?? job.definition.command,
      environment: pairs({ ...job.definition.environment, ...job.overrides.environment }),
      resourceRequirements: job.definition.resourceRequirements,
      ...present({ exitCode: job.exitCode, reason: job.reason, logStreamName: job.logStreamName }),
    },
    ...arrayProperties(job),
  };
}

/** A job as ListJobs shows it. */
export function summariseJob(job: Job) {
  return {
    jobArn: job.arn,
    jobId: job.id,
    jobName: job.name,
    jobDefinition: job.definition.arn,
    createdAt: job.createdAt,
    status: job.state,
    ...present({ statusReason: job.statusReason, startedAt: job.startedAt, stoppedAt: job.stoppedAt }),
    container: present({ exitCode: job.exitCode, reason: job.reason }),
    ...arrayProperties(job),
  };
}

export function describeDefinition(definition: JobDefinitionPlan) {
  return {
    jobDefinitionName: definition.name,
    jobDefinitionArn: definition.arn,
    revision: 1,
    status: 'ACTIVE',
    type: 'container',
    parameters: definition.parameters,
    retryStrategy: definition.retryStrategy,
    containerProperties: {
      image: definition.image,
      command: definition.command,
      environment: pairs(definition.environment),
      resourceRequirements: definition.resourceRequirements,
    },
    ...present({
      timeout:
        definition.timeoutSeconds === undefined ? undefined : { attemptDurationSeconds: definition.timeoutSeconds },
    }),
  };
}

export function describeQueue(queue: JobQueuePlan) {
  return {
    jobQueueName: queue.name,
    jobQueueArn: queue.arn,
    state: queue.enabled ? 'ENABLED' : 'DISABLED',
    status: 'VALID',
    priority: queue.priority,
    computeEnvironmentOrder: queue.computeEnvironments,
    ...present({ schedulingPolicyArn: queue.schedulingPolicyArn }),
  };
}

export function describeComputeEnvironment(environment: ComputeEnvironmentPlan) {
  return {
    computeEnvironmentName: environment.name,
    computeEnvironmentArn: environment.arn,
    type: environment.type.toUpperCase(),
    state: 'ENABLED',
    status: 'VALID',
    computeResources: environment.resources,
  };
}

function arrayProperties(job: Job) {
  if (job.children !== undefined) {
    return { arrayProperties: { size: job.children.length, statusSummary: statusSummary(job.children) } };
  }
  return job.index === undefined ? {} : { arrayProperties: { index: job.index } };
}

function pairs(table: Record<string, string>): { name: string; value: string }[] {
  return Object.entries(table).map(([name, value]) => ({ name, value }));
}

/** Leave out the fields that have no value yet, as the API does. */
function present<Fields extends object>(fields: Fields): Partial<Fields> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Partial<Fields>;
}
