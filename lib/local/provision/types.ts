import { planComputeEnvironment, planJobDefinition, planJobQueue, planSchedulingPolicy } from './batch.ts';
import { createBucket } from './buckets.ts';
import { createBus, planRule } from './events.ts';
import { planFunction, planInvokeConfig, planMapping } from './functions.ts';
import type { Provisioner } from './provisioner.ts';
import { createQueue } from './queues.ts';
import { planSchedule, planScheduleGroup } from './schedules.ts';
import { createTable } from './tables.ts';

/** Types that exist in the local server, made by the calls that an SDK would send. */
export const CREATED_TYPES: Readonly<Record<string, Provisioner>> = {
  'AWS::DynamoDB::GlobalTable': createTable,
  'AWS::DynamoDB::Table': createTable,
  'AWS::Events::EventBus': createBus,
  'AWS::S3::Bucket': createBucket,
  'AWS::SQS::Queue': createQueue,
};

/** Types that we run ourselves; the provisioner writes them into the blueprint. */
export const EMULATED_TYPES: Readonly<Record<string, Provisioner>> = {
  'AWS::Batch::ComputeEnvironment': planComputeEnvironment,
  'AWS::Batch::JobDefinition': planJobDefinition,
  'AWS::Batch::JobQueue': planJobQueue,
  'AWS::Batch::SchedulingPolicy': planSchedulingPolicy,
  'AWS::Events::Rule': planRule,
  'AWS::Lambda::EventInvokeConfig': planInvokeConfig,
  'AWS::Lambda::EventSourceMapping': planMapping,
  'AWS::Lambda::Function': planFunction,
  'AWS::Scheduler::Schedule': planSchedule,
  'AWS::Scheduler::ScheduleGroup': planScheduleGroup,
};
