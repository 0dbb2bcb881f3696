import { exitRules } from '../batch/retry.ts';
import { asList, asNumber, asObject, asText, type JsonObject } from '../json.ts';
import { arnOf, nameOf, type Provisioned, type Resource, type Site, unsupported } from './provisioner.ts';

const LONGEST_BATCH_NAME = 128;
const LEAST_TIMEOUT_SECONDS = 60;

/** AWS::Batch::JobDefinition: one container; its environment, command and retry rules. */
export function planJobDefinition(resource: Resource, site: Site): Provisioned {
  const { properties } = resource;
  if (properties.Type !== 'container' || !('ContainerProperties' in properties)) {
    throw unsupported(resource, 'a job definition that is not one container');
  }
  const container = asObject(properties.ContainerProperties);
  if (asList(container.Secrets).length > 0) throw unsupported(resource, 'ContainerProperties.Secrets');
  const timeoutSeconds = asNumber(asObject(properties.Timeout).AttemptDurationSeconds);
  if (timeoutSeconds !== undefined && timeoutSeconds < LEAST_TIMEOUT_SECONDS) {
    throw unsupported(resource, `a timeout of ${timeoutSeconds} s (AWS asks for at least ${LEAST_TIMEOUT_SECONDS})`);
  }
  const name = nameOf(resource, 'JobDefinitionName', LONGEST_BATCH_NAME);
  const arn = arnOf(site, 'batch', `job-definition/${name}:1`);
  const retry = asObject(properties.RetryStrategy);
  const logging = asObject(asObject(container.LogConfiguration).Options);
  site.blueprint.jobDefinitions.push({
    name,
    arn,
    image: asText(container.Image) ?? '',
    command: asList(container.Command).map(String),
    environment: Object.fromEntries(
      asList(container.Environment).map((pair) => [
        asText(asObject(pair).Name) ?? '',
        asText(asObject(pair).Value) ?? '',
      ]),
    ),
    parameters: textTable(asObject(properties.Parameters)),
    resourceRequirements: asList(container.ResourceRequirements).map((need) => ({
      type: asText(asObject(need).Type) ?? '',
      value: asText(asObject(need).Value) ?? '',
    })),
    logGroup: asText(logging['awslogs-group']) ?? '/aws/batch/job',
    logPrefix: asText(logging['awslogs-stream-prefix']) ?? name,
    retryStrategy: {
      attempts: asNumber(retry.Attempts) ?? 1,
      evaluateOnExit: exitRules(asList(retry.EvaluateOnExit).map((rule) => lowerFirst(asObject(rule)))),
    },
    timeoutSeconds,
  });
  return { ref: arn, attributes: { JobDefinitionArn: arn } };
}

/** AWS::Batch::JobQueue. */
export function planJobQueue(resource: Resource, site: Site): Provisioned {
  const { properties } = resource;
  const name = nameOf(resource, 'JobQueueName', LONGEST_BATCH_NAME);
  const arn = arnOf(site, 'batch', `job-queue/${name}`);
  site.blueprint.jobQueues.push({
    name,
    arn,
    priority: asNumber(properties.Priority) ?? 1,
    enabled: properties.State !== 'DISABLED',
    computeEnvironments: asList(properties.ComputeEnvironmentOrder).map((entry) => ({
      order: asNumber(asObject(entry).Order) ?? 1,
      computeEnvironment: asText(asObject(entry).ComputeEnvironment) ?? '',
    })),
    schedulingPolicyArn: asText(properties.SchedulingPolicyArn),
  });
  return { ref: arn, attributes: { JobQueueArn: arn } };
}

/** AWS::Batch::ComputeEnvironment: described, never started: this machine is the only instance. */
export function planComputeEnvironment(resource: Resource, site: Site): Provisioned {
  const { properties } = resource;
  const name = nameOf(resource, 'ComputeEnvironmentName', LONGEST_BATCH_NAME);
  const arn = arnOf(site, 'batch', `compute-environment/${name}`);
  site.blueprint.computeEnvironments.push({
    name,
    arn,
    type: asText(properties.Type) ?? 'managed',
    resources: lowerFirst(asObject(properties.ComputeResources)),
  });
  return { ref: arn, attributes: { ComputeEnvironmentArn: arn } };
}

/** AWS::Batch::SchedulingPolicy: kept by name only; jobs of one machine are served by priority, then in order. */
export function planSchedulingPolicy(resource: Resource, site: Site): Provisioned {
  const arn = arnOf(site, 'batch', `scheduling-policy/${nameOf(resource, 'Name', LONGEST_BATCH_NAME)}`);
  return { ref: arn, attributes: { Arn: arn } };
}

/** Templates spell fields like `OnExitCode`, the Batch API like `onExitCode`. */
function lowerFirst(fields: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [key.charAt(0).toLowerCase() + key.slice(1), value]),
  );
}

function textTable(fields: JsonObject): Record<string, string> {
  return Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, asText(value) ?? '']));
}
