import type { FunctionPlan } from '../blueprint.ts';
import { LocalCloudError } from '../errors.ts';
import { checkPattern } from '../events/pattern.ts';
import { asList, asNumber, asObject, asText } from '../json.ts';
import { nameOfArn } from '../names.ts';
import { arnOf, nameOf, type Provisioned, type Resource, type Site, unsupported } from './provisioner.ts';

const LONGEST_FUNCTION_NAME = 64;
const DEFAULT_TIMEOUT_SECONDS = 3;
const DEFAULT_MEMORY_MB = 128;
const DEFAULT_ASYNC_RETRIES = 2;
const MOST_BATCH_WITHOUT_WINDOW = 10;

/** AWS::Lambda::Function: its bundle is run from where `cdk synth` put it. */
export function planFunction(resource: Resource, site: Site): Provisioned {
  const { properties } = resource;
  const runtime = asText(properties.Runtime) ?? 'a container image';
  if (!runtime.startsWith('nodejs')) throw unsupported(resource, `the runtime ${runtime}`);
  if (asList(properties.Layers).length > 0) throw unsupported(resource, 'Layers');
  const name = nameOf(resource, 'FunctionName', LONGEST_FUNCTION_NAME);
  const arn = arnOf(site, 'lambda', `function:${name}`);
  const variables = asObject(asObject(properties.Environment).Variables);
  site.blueprint.functions.push({
    name,
    arn,
    directory: bundleOf(resource, site),
    handler: asText(properties.Handler) ?? 'index.handler',
    timeoutSeconds: asNumber(properties.Timeout) ?? DEFAULT_TIMEOUT_SECONDS,
    memoryMb: asNumber(properties.MemorySize) ?? DEFAULT_MEMORY_MB,
    environment: Object.fromEntries(Object.entries(variables).map(([key, value]) => [key, asText(value) ?? ''])),
    logGroup: asText(asObject(properties.LoggingConfig).LogGroup) ?? `/aws/lambda/${name}`,
    reservedConcurrency: asNumber(properties.ReservedConcurrentExecutions),
    deadLetterArn: asText(asObject(properties.DeadLetterConfig).TargetArn),
    asyncRetries: DEFAULT_ASYNC_RETRIES,
  });
  return { ref: name, attributes: { Arn: arn } };
}

/** The folder of a function's code: the hash is the file name of `Code.S3Key`. */
function bundleOf(resource: Resource, site: Site): string {
  const key = asText(asObject(resource.properties.Code).S3Key);
  if (key === undefined) throw unsupported(resource, 'code that is not a file asset');
  const hash = (key.split('/').pop() ?? key).replace(/\.zip$/, '');
  const directory = site.assembly.files.get(hash);
  if (directory === undefined) {
    throw new LocalCloudError('asset-missing', `${resource.logicalId}: no asset manifest names ${hash}`);
  }
  return directory;
}

/** AWS::Lambda::EventInvokeConfig: how often an asynchronous call is repeated, and where it goes when it never works. */
export function planInvokeConfig(resource: Resource, { blueprint }: Site): Provisioned {
  const { properties } = resource;
  const plan = functionOf(resource, blueprint.functions);
  plan.asyncRetries = asNumber(properties.MaximumRetryAttempts) ?? plan.asyncRetries;
  const destinations = asObject(properties.DestinationConfig);
  if ('OnSuccess' in destinations) throw unsupported(resource, 'DestinationConfig.OnSuccess');
  plan.deadLetterArn = asText(asObject(destinations.OnFailure).Destination) ?? plan.deadLetterArn;
  return { ref: plan.name, attributes: {} };
}

/** AWS::Lambda::EventSourceMapping, for queues. Never given to moto, which would lose the messages. */
export function planMapping(resource: Resource, { blueprint }: Site): Provisioned {
  const { properties } = resource;
  const queueArn = asText(properties.EventSourceArn) ?? '';
  if (!queueArn.startsWith('arn:aws:sqs:')) throw unsupported(resource, `a mapping from ${queueArn || 'no queue'}`);
  const plan = functionOf(resource, blueprint.functions);
  const batchSize = asNumber(properties.BatchSize) ?? 10;
  const windowSeconds = asNumber(properties.MaximumBatchingWindowInSeconds) ?? 0;
  if (batchSize > MOST_BATCH_WITHOUT_WINDOW && windowSeconds === 0) {
    throw unsupported(resource, `a batch of ${batchSize} without a batching window (AWS refuses it too)`);
  }
  const filters = asList(asObject(properties.FilterCriteria).Filters).map((filter) =>
    asObject(JSON.parse(asText(asObject(filter).Pattern) ?? '{}')),
  );
  filters.forEach(checkPattern);
  if (String(properties.Enabled ?? true) === 'true') {
    blueprint.mappings.push({
      queueArn,
      functionName: plan.name,
      batchSize,
      windowSeconds,
      concurrency: asNumber(asObject(properties.ScalingConfig).MaximumConcurrency),
      reportsItemFailures: asList(properties.FunctionResponseTypes).includes('ReportBatchItemFailures'),
      filters,
    });
  }
  return { ref: resource.logicalId, attributes: { Id: resource.logicalId } };
}

function functionOf(resource: Resource, functions: FunctionPlan[]): FunctionPlan {
  const wanted = asText(resource.properties.FunctionName) ?? '';
  const name = wanted.startsWith('arn:') ? wanted.split(':')[6] : nameOfArn(wanted);
  const plan = functions.find((candidate) => candidate.name === name);
  if (plan === undefined) throw unsupported(resource, `a function that the template does not make (${wanted})`);
  return plan;
}
