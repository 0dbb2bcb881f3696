import { describe, expect, it } from 'vitest';
import { follow, nameOf, ofType, type Resource, synthesise } from './synth.ts';

const resources = synthesise();

interface Statement {
  Effect: string;
  Action: string | string[];
  Resource: unknown;
}

const listOf = <T>(value: T | T[]): T[] => (Array.isArray(value) ? value : [value]);

/** A resource of a policy as people say it: `IntakeBucket/subjects/*`. */
function spoken(resource: unknown): string {
  if (typeof resource === 'string') return resource;
  const join = (resource as { 'Fn::Join'?: [string, unknown[]] })['Fn::Join'];
  if (join) return join[1].map((part) => (typeof part === 'string' ? part : spoken(part))).join('');
  const pointer = resource as { Ref?: string };
  if (pointer.Ref?.startsWith('AWS::') || 'Fn::Sub' in (resource as object)) return '';
  return nameOf(follow(resources, resource));
}

const statementsOf = (policy: Resource): Statement[] => policy.properties.PolicyDocument.Statement;
const policies = ofType(resources, 'AWS::IAM::Policy');

/** What the role of each construct may do, as `action on resource`. */
const rights = Object.fromEntries(
  policies.map((policy) => [
    nameOf(follow(resources, policy.properties.Roles[0])).replace(/Role$/, ''),
    statementsOf(policy)
      .flatMap(({ Action, Resource }) =>
        listOf(Action).flatMap((action) => listOf(Resource).map((resource) => `${action} on ${spoken(resource)}`)),
      )
      .sort(),
  ]),
);

const logs = (name: string) => [`logs:CreateLogStream on ${name}Log`, `logs:PutLogEvents on ${name}Log`];
const state = ['dynamodb:GetItem on StateTable', 'dynamodb:PutItem on StateTable', 'dynamodb:Query on StateTable'];
const consume = (queue: string) =>
  ['ChangeMessageVisibility', 'DeleteMessage', 'GetQueueAttributes', 'GetQueueUrl', 'ReceiveMessage'].map(
    (call) => `sqs:${call} on ${queue}Work`,
  );
const send = (queue: string) => [`sqs:SendMessage on ${queue}Work`];

const EXPECTED: Record<string, string[]> = {
  IngestUpload: [
    ...logs('IngestUpload'),
    ...consume('Uploads'),
    ...state,
    ...send('Tuning'),
    ...send('Campaigns'),
    's3:GetObject on IntakeBucket/subjects/*',
    's3:ListBucket on IntakeBucket',
    's3:PutObject on LibraryBucket/subjects/*/references/*',
  ],
  PlanCampaign: [
    ...logs('PlanCampaign'),
    ...consume('Campaigns'),
    ...state,
    ...send('Render'),
    ...send('Campaigns'),
    's3:GetObject on LibraryBucket/campaigns/*/plan.json',
    's3:ListBucket on LibraryBucket',
    's3:GetObject on IntakeBucket/campaigns/*',
    's3:ListBucket on IntakeBucket',
    's3:PutObject on LibraryBucket/campaigns/*/plan.json',
    'scheduler:CreateSchedule on arn::scheduler:::schedule/SchedulesGroup/*',
    'scheduler:DeleteSchedule on arn::scheduler:::schedule/SchedulesGroup/*',
    'scheduler:UpdateSchedule on arn::scheduler:::schedule/SchedulesGroup/*',
    'iam:PassRole on SchedulesRole',
  ],
  Schedules: [...send('Campaigns'), 'sqs:SendMessage on CampaignsDeadLetters'],
  StartJob: [
    ...logs('StartJob'),
    ...consume('Tuning'),
    ...consume('Render'),
    ...state,
    ...send('Campaigns'),
    's3:PutObject on LibraryBucket/jobs/*/job.json',
    'batch:SubmitJob on GpuOnDemandQueue',
    'batch:SubmitJob on GpuQueue',
    'batch:SubmitJob on WorkerDefinition',
    'batch:ListJobs on *',
  ],
  RecordJob: [
    ...logs('RecordJob'),
    ...consume('JobChanges'),
    ...state,
    ...send('Campaigns'),
    ...send('Tuning'),
    ...send('Render'),
    's3:GetObject on LibraryBucket/jobs/*',
    's3:GetObject on LibraryBucket/subjects/*/versions/*',
    's3:ListBucket on LibraryBucket',
    'batch:DescribeJobs on *',
  ],
  GateVariants: [
    ...logs('GateVariants'),
    ...consume('Variants'),
    ...state,
    'dynamodb:Query on StateTable/index/byList',
    's3:GetObject on LibraryBucket/campaigns/*/variants/*',
    's3:ListBucket on LibraryBucket',
    's3:PutObject on LibraryBucket/campaigns/*/large/*',
  ],
  SweepState: [
    ...logs('SweepState'),
    ...consume('Sweeps'),
    ...['Uploads', 'Campaigns', 'Tuning', 'Render', 'JobChanges', 'Variants'].flatMap(send),
    'dynamodb:GetItem on StateTable',
    'dynamodb:Query on StateTable',
    'dynamodb:Query on StateTable/index/byList',
    's3:ListBucket on IntakeBucket',
    's3:ListBucket on LibraryBucket',
    'batch:DescribeJobs on *',
  ],
  Worker: [
    's3:GetObject on LibraryBucket/*',
    's3:ListBucket on LibraryBucket',
    's3:PutObject on LibraryBucket/campaigns/*/variants/*',
    's3:PutObject on LibraryBucket/jobs/*',
    's3:PutObject on LibraryBucket/subjects/*/versions/*',
  ],
};

describe('rights', () => {
  it.each(Object.keys(EXPECTED))('of %s are these and no others', (role) => {
    expect(rights[role]).toEqual(EXPECTED[role]?.toSorted());
  });

  it('never are all actions of a service, nor a pattern of them', () => {
    const allowed = policies.flatMap(statementsOf).filter(({ Effect }) => Effect === 'Allow');
    expect(allowed.flatMap(({ Action }) => listOf(Action)).filter((action) => action.includes('*'))).toEqual([]);
  });

  it('are for everything at once only where AWS knows no narrower resource', () => {
    const unbounded = policies
      .flatMap(statementsOf)
      .filter(({ Resource }) => listOf(Resource).includes('*'))
      .flatMap(({ Action }) => listOf(Action));
    expect(unbounded.sort()).toEqual([
      'batch:DescribeJobs',
      'batch:DescribeJobs',
      'batch:ListJobs',
      'ecr:GetAuthorizationToken',
    ]);
  });

  it('are held by one role for each function', () => {
    const roles = ofType(resources, 'AWS::Lambda::Function').map(({ properties }) => properties.Role['Fn::GetAtt'][0]);
    expect(new Set(roles).size).toBe(roles.length);
  });
});
