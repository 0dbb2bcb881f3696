import type { JsonObject } from './json.ts';

/** A Lambda function of the template. */
export interface FunctionPlan {
  name: string;
  arn: string;
  directory: string;
  handler: string;
  timeoutSeconds: number;
  memoryMb: number;
  environment: Record<string, string>;
  logGroup: string;
  reservedConcurrency: number | undefined;
  deadLetterArn: string | undefined;
  asyncRetries: number;
}

/** An event source mapping: a queue that a function is invoked from. */
export interface MappingPlan {
  queueArn: string;
  functionName: string;
  batchSize: number;
  windowSeconds: number;
  concurrency: number | undefined;
  reportsItemFailures: boolean;
  filters: JsonObject[];
}

/** Where a rule or a schedule delivers to, and what it sends. */
export interface TargetPlan {
  id: string;
  arn: string;
  input: string | undefined;
  inputPath: string | undefined;
  transformer: { paths: Record<string, string>; template: string } | undefined;
  messageGroupId: string | undefined;
  deadLetterArn: string | undefined;
}

/** An EventBridge rule: a pattern or a clock, and its targets. */
export interface RulePlan {
  name: string;
  arn: string;
  busName: string;
  pattern: JsonObject | undefined;
  scheduleExpression: string | undefined;
  targets: TargetPlan[];
}

/** An EventBridge Scheduler schedule. */
export interface SchedulePlan {
  name: string;
  arn: string;
  expression: string;
  timezone: string;
  startDate: Date | undefined;
  endDate: Date | undefined;
  target: TargetPlan;
}

/** One rule of a retry strategy; a pattern that is absent matches everything. */
export interface ExitRule {
  action: 'RETRY' | 'EXIT';
  onStatusReason?: string;
  onReason?: string;
  onExitCode?: string;
}

export interface RetryStrategy {
  attempts: number;
  evaluateOnExit: ExitRule[];
}

/** A Batch job definition: the image and how its container is started. */
export interface JobDefinitionPlan {
  name: string;
  arn: string;
  image: string;
  command: string[];
  environment: Record<string, string>;
  parameters: Record<string, string>;
  resourceRequirements: { type: string; value: string }[];
  logGroup: string;
  logPrefix: string;
  retryStrategy: RetryStrategy;
  timeoutSeconds: number | undefined;
}

/** A Batch job queue; a larger priority is served first. */
export interface JobQueuePlan {
  name: string;
  arn: string;
  priority: number;
  enabled: boolean;
  computeEnvironments: { order: number; computeEnvironment: string }[];
  schedulingPolicyArn: string | undefined;
}

export interface ComputeEnvironmentPlan {
  name: string;
  arn: string;
  type: string;
  resources: JsonObject;
}

/** Everything that the template asks for and that we run ourselves. The provisioner fills it, the engines read it. */
export interface Blueprint {
  functions: FunctionPlan[];
  mappings: MappingPlan[];
  rules: RulePlan[];
  schedules: SchedulePlan[];
  scheduleGroups: string[];
  busNames: string[];
  jobDefinitions: JobDefinitionPlan[];
  jobQueues: JobQueuePlan[];
  computeEnvironments: ComputeEnvironmentPlan[];
}

export function emptyBlueprint(): Blueprint {
  return {
    functions: [],
    mappings: [],
    rules: [],
    schedules: [],
    scheduleGroups: [],
    busNames: ['default'],
    jobDefinitions: [],
    jobQueues: [],
    computeEnvironments: [],
  };
}
