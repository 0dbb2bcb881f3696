import type { JobDefinitionPlan, JobQueuePlan, RetryStrategy } from '../blueprint.ts';
import type { ContainerOverrides } from './command.ts';

export const JOB_STATES = ['SUBMITTED', 'PENDING', 'RUNNABLE', 'STARTING', 'RUNNING', 'SUCCEEDED', 'FAILED'] as const;
export type JobState = (typeof JOB_STATES)[number];

/** One attempt of a job, as DescribeJobs shows it. */
export interface Attempt {
  container: { exitCode?: number; reason?: string; logStreamName: string; taskArn: string };
  startedAt: number;
  stoppedAt: number;
  statusReason: string;
}

/** A job, an array's parent or an array's child. */
export interface Job {
  id: string;
  arn: string;
  name: string;
  queue: JobQueuePlan;
  definition: JobDefinitionPlan;
  overrides: ContainerOverrides;
  parameters: Record<string, string>;
  retryStrategy: RetryStrategy;
  timeoutSeconds: number | undefined;
  tags: Record<string, string>;
  shareIdentifier: string | undefined;
  state: JobState;
  statusReason: string | undefined;
  createdAt: number;
  startedAt: number | undefined;
  stoppedAt: number | undefined;
  attempts: Attempt[];
  logStreamName: string | undefined;
  exitCode: number | undefined;
  reason: string | undefined;
  cancelled: boolean;
  terminated: boolean;
  /** Set on an array's parent. */
  children: Job[] | undefined;
  /** Set on an array's child. */
  parent: Job | undefined;
  index: number | undefined;
}

export function isOver({ state }: Pick<Job, 'state'>): boolean {
  return state === 'SUCCEEDED' || state === 'FAILED';
}

/** How many children are in each state. */
export function statusSummary(children: Job[]): Record<JobState, number> {
  const summary = Object.fromEntries(JOB_STATES.map((state) => [state, 0])) as Record<JobState, number>;
  for (const child of children) summary[child.state] += 1;
  return summary;
}

/** The state of an array's parent: pending until the first child starts, and over when the last one is. */
export function parentState(children: Job[]): JobState {
  if (children.every(isOver)) return children.some((child) => child.state === 'FAILED') ? 'FAILED' : 'SUCCEEDED';
  return 'PENDING';
}
