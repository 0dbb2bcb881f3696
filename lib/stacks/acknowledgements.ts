import { type CfnElement, type Stack, Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** A finding of a rule that we looked at and leave as it is. */
export interface Acknowledgement {
  readonly rule: string;
  /** Which of the rule’s findings; all where it makes no difference between them. `<Intake>` and `<Library>` are the buckets, `<Schedules>` the group. */
  readonly findings?: readonly string[];
  /** Where, as paths below the stack. */
  readonly at: readonly string[];
  readonly reason: string;
}

const FUNCTIONS = ['IngestUpload', 'PlanCampaign', 'StartJob', 'RecordJob', 'GateVariants', 'SweepState'];
const QUEUES = ['Uploads', 'Campaigns', 'Tuning', 'Render', 'JobChanges', 'Variants', 'Sweeps'];

/** The patterns of keys that each role may reach. */
const BELOW_A_PREFIX = {
  IngestUploadRole: ['<Intake>/subjects/*', '<Library>/subjects/*/references/*'],
  PlanCampaignRole: ['<Intake>/campaigns/*', '<Library>/campaigns/*/plan.json'],
  StartJobRole: ['<Library>/jobs/*/job.json'],
  RecordJobRole: ['<Library>/jobs/*', '<Library>/subjects/*/versions/*'],
  GateVariantsRole: ['<Library>/campaigns/*/variants/*', '<Library>/campaigns/*/large/*'],
  'Worker/Role': [
    '<Library>/*',
    '<Library>/jobs/*',
    '<Library>/subjects/*/versions/*',
    '<Library>/campaigns/*/variants/*',
  ],
};

/** What cdk-nag finds and we leave: each with its reason. A rule that no longer finds anything here is a failing test. */
export const ACKNOWLEDGEMENTS: readonly Acknowledgement[] = [
  ...Object.entries(BELOW_A_PREFIX).map(([role, findings]) => ({
    rule: 'AwsSolutions::AwsSolutions-IAM5',
    findings: findings.map((keys) => `Resource::${keys}`),
    at: [`${role}/DefaultPolicy`],
    reason: 'Keys are below a prefix of one bucket: a subject or a job has no name at deploy time.',
  })),
  {
    rule: 'AwsSolutions::AwsSolutions-IAM5',
    findings: ['Resource::arn:<AWS::Partition>:scheduler:<AWS::Region>:<AWS::AccountId>:schedule/<Schedules>/*'],
    at: ['PlanCampaignRole/DefaultPolicy'],
    reason: 'A campaign has no name at deploy time; its schedule is in a group that holds nothing else.',
  },
  {
    rule: 'AwsSolutions::AwsSolutions-IAM5',
    findings: ['Resource::*'],
    at: ['StartJobRole', 'RecordJobRole', 'SweepStateRole', 'Worker/Container/ExecutionRole'].map(
      (role) => `${role}/DefaultPolicy`,
    ),
    reason: 'AWS knows no resource for batch:ListJobs, batch:DescribeJobs and ecr:GetAuthorizationToken.',
  },
  {
    rule: 'AwsSolutions::AwsSolutions-IAM4',
    findings: ['Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AmazonEC2ContainerServiceforEC2Role'],
    at: ['Gpu/Spot/InstanceProfileRole', 'Gpu/OnDemand/InstanceProfileRole'],
    reason: 'The ECS agent needs what AWS lists in this policy, and AWS keeps the list.',
  },
  {
    rule: 'AwsSolutions::AwsSolutions-S1',
    at: ['Intake/Bucket', 'Library/Bucket'],
    reason:
      'Access logs of references are personal data of their own; data events of CloudTrail are the account owner’s choice.',
  },
  {
    rule: 'AwsSolutions::AwsSolutions-VPC7',
    at: ['Network/Vpc'],
    reason: 'Nobody can call in, hosts live for minutes, and flow logs cost by the gigabyte of weights and pictures.',
  },
  {
    rule: 'Serverless::Serverless-LambdaDLQ',
    at: FUNCTIONS,
    reason: 'Functions are called by queues only, and those have dead-letter queues.',
  },
  {
    rule: 'Serverless::Serverless-LambdaEventSourceMappingDestination',
    at: FUNCTIONS,
    reason: 'A failed message of SQS ends in the dead-letter queue of its queue; a destination is for streams.',
  },
  {
    rule: 'Serverless::Serverless-LambdaTracing',
    at: FUNCTIONS,
    reason:
      'Every log line carries the ids of subject, job and message; traces would add cost and a second way to read it.',
  },
  {
    rule: 'Serverless::Serverless-SQSRedrivePolicy',
    at: QUEUES.map((queue) => `${queue}/DeadLetters`),
    reason: 'It is a dead-letter queue: a person looks at what is in it.',
  },
];

/** Tell the rules what is left as it is; return how many findings that may be. */
export function acknowledge(stack: Stack): number {
  const find = (path: string): IConstruct =>
    path.split('/').reduce((scope, name) => scope.node.findChild(name), stack as IConstruct);
  const logicalId = (path: string): string => stack.resolve((find(path) as CfnElement).logicalId);
  const named = (finding: string): string =>
    finding
      .replace('<Schedules>', () => `<${logicalId('Schedules/Group')}>`)
      .replace(/<(Intake|Library)>/, (_, bucket) => `<${logicalId(`${bucket}/Bucket/Resource`)}.Arn>`);
  const each = ACKNOWLEDGEMENTS.flatMap(({ rule, findings, at, reason }) =>
    at.flatMap((path) =>
      (findings?.map((finding) => `${rule}[${named(finding)}]`) ?? [rule]).map((id) => ({ id, reason, path })),
    ),
  );
  for (const { path, ...it } of each) Validations.of(find(path)).acknowledge(it);
  return each.length;
}
