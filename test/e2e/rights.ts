import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { CHECKOUT } from './troupe-app.ts';

/** `action on resource`, where a resource is called by its logical id: `s3:GetObject on Library/jobs/*`. */
export interface Right {
  action: string;
  resource: string;
}

interface Template {
  Resources: Record<string, { Type: string; Properties?: any }>;
}

interface Statement {
  Effect: 'Allow' | 'Deny';
  Action: string | string[];
  Resource: Intrinsic | Intrinsic[];
}

/** A resource of a policy: text, or what CloudFormation makes text of. */
type Intrinsic = string | { Ref?: string; 'Fn::GetAtt'?: [string, string]; 'Fn::Join'?: [string, Intrinsic[]] };

const templateFile = (cdkOut: string): string => join(cdkOut, 'Troupe.template.json');
const readTemplate = (cdkOut: string): Template => JSON.parse(readFileSync(templateFile(cdkOut), 'utf8'));
const listOf = <T>(value: T | T[]): T[] => (Array.isArray(value) ? value : [value]);

/** Have every function of a synthesised app write down in `file` what it calls; nothing of the app itself is changed. */
export function recordCalls(cdkOut: string, file: string): void {
  const template = readTemplate(cdkOut);
  const recorder = pathToFileURL(join(CHECKOUT, 'test/e2e/record-calls.mjs')).href;
  for (const { Type, Properties } of Object.values(template.Resources)) {
    if (Type !== 'AWS::Lambda::Function') continue;
    const more = { NODE_OPTIONS: `--import=${recorder}`, RECORDED_CALLS: file };
    Properties.Environment = { Variables: { ...Properties.Environment?.Variables, ...more } };
  }
  writeFileSync(templateFile(cdkOut), JSON.stringify(template));
}

/**
 * Rights that few runs need, by the names of constructs, and when they are needed. What is in no run and not here is a right
 * too many.
 */
export const RARE: Record<string, string> = {
  'IngestUpload: s3:ListBucket on IntakeBucket': 'the upload is gone before it is read: missing, and not forbidden',
  'PlanCampaign: s3:ListBucket on IntakeBucket': 'the same of a campaign’s file',
  'PlanCampaign: s3:ListBucket on LibraryBucket': 'the same of a plan',
  'PlanCampaign: s3:GetObject on LibraryBucket/campaigns/*/plan.json': 'another wrote the plan first',
  'PlanCampaign: scheduler:DeleteSchedule on arn::scheduler:::schedule/SchedulesGroup/*':
    'a tick that nobody wants any more',
  'StartJob: batch:SubmitJob on GpuOnDemandQueue': 'spot had no machine for hours',
  'RecordJob: sqs:SendMessage on TuningWork': 'the same: the job is asked for again',
  'RecordJob: sqs:SendMessage on RenderWork': 'the same of a campaign',
  'RecordJob: batch:DescribeJobs on *': 'a shard has left no result: did it ever find a machine?',
  'GateVariants: s3:ListBucket on LibraryBucket': 'a picture is gone before it is scored',
  'SweepState: sqs:SendMessage on TuningWork': 'a crash between a subject that is ready and its job',
  'SweepState: sqs:SendMessage on RenderWork': 'a crash between a plan and its job',
};

/** A logical id without the hash that the CDK ends it with. */
export const withoutHash = (text: string): string => text.replace(/(?<=[a-z])[0-9A-F]{8}(?![0-9A-Za-z])/g, '');

/** What the role of each function may do, by the function's logical id. */
export function rightsOf(cdkOut: string): Map<string, Right[]> {
  const resources = Object.entries(readTemplate(cdkOut).Resources);
  const policies = resources
    .filter(([, { Type }]) => Type === 'AWS::IAM::Policy')
    .map(([, { Properties }]) => Properties);
  const functions = resources.filter(([, { Type }]) => Type === 'AWS::Lambda::Function');
  return new Map(
    functions.map(([id, { Properties }]) => {
      const [role] = Properties.Role['Fn::GetAtt'];
      const own = policies.filter(({ Roles }) => Roles.some((one: { Ref: string }) => one.Ref === role));
      const statements: Statement[] = own.flatMap(({ PolicyDocument }) => PolicyDocument.Statement);
      const allowed = statements.filter(({ Effect }) => Effect === 'Allow');
      const rights = allowed.flatMap(({ Action, Resource }) =>
        listOf(Action).flatMap((action) => listOf(Resource).map((one) => ({ action, resource: spoken(one) }))),
      );
      return [id, rights] as const;
    }),
  );
}

/** A resource of a policy as text: pointers are logical ids, and account, region and partition are left out. */
function spoken(resource: Intrinsic): string {
  if (typeof resource === 'string') return resource;
  const { Ref, 'Fn::GetAtt': attribute, 'Fn::Join': join } = resource;
  const text = join?.[1].map(spoken).join('') ?? attribute?.[0] ?? (Ref?.startsWith('AWS::') ? '' : Ref);
  if (text === undefined)
    throw new Error(`a policy’s resource that this test cannot read: ${JSON.stringify(resource)}`);
  return text;
}

/** Whether one of the rights covers what a call needed; `*` stands for any text, as IAM has it. */
export function covers({ action, resource }: Right, needed: Right): boolean {
  const pattern = resource.split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return action === needed.action && new RegExp(`^${pattern.join('.*')}$`).test(needed.resource);
}

interface Call {
  by: string;
  method: string;
  path: string;
  target?: string;
  body: string;
  status: number;
}

/** What each function needed for the calls that it made, by its logical id; each right once. */
export function neededRights(cdkOut: string, file: string): Map<string, Right[]> {
  const ids = Object.keys(readTemplate(cdkOut).Resources);
  const needed = new Map<string, Map<string, Right>>();
  for (const line of readFileSync(file, 'utf8').trim().split('\n')) {
    const call: Call = JSON.parse(line);
    const by = idIn(call.by, ids);
    const rights = needed.get(by) ?? new Map<string, Right>();
    for (const right of rightsFor(call, ids)) rights.set(`${right.action} on ${right.resource}`, right);
    needed.set(by, rights);
  }
  return new Map([...needed].map(([by, rights]) => [by, [...rights.values()]]));
}

/** The logical id in a physical name or an ARN: the local cloud makes names of logical ids. */
function idIn(name: string, ids: readonly string[]): string {
  const lower = name.toLowerCase();
  const found = ids.filter((id) => lower.includes(id.toLowerCase())).sort((one, two) => two.length - one.length);
  if (found[0] === undefined) throw new Error(`${name} is named after no resource of the template`);
  return found[0];
}

const S3_ACTIONS: Record<string, string> = { GET: 's3:GetObject', HEAD: 's3:GetObject', PUT: 's3:PutObject' };
const SCHEDULER_ACTIONS: Record<string, string> = { POST: 'Create', PUT: 'Update', DELETE: 'Delete', GET: 'Get' };

/** The rights that AWS asks for one call, or an error for a call that this table does not know. */
function rightsFor({ method, path, target, body, status }: Call, ids: readonly string[]): Right[] {
  const read = () => JSON.parse(body);
  if (target?.startsWith('DynamoDB_')) {
    const { TableName, IndexName } = read();
    const index = IndexName === undefined ? '' : `/index/${IndexName}`;
    return [{ action: `dynamodb:${target.split('.')[1]}`, resource: `${idIn(TableName, ids)}${index}` }];
  }
  if (target?.startsWith('AmazonSQS.')) {
    return [{ action: `sqs:${target.split('.')[1]}`, resource: idIn(read().QueueUrl, ids) }];
  }
  const batch = /^\/v1\/(submitjob|listjobs|describejobs)$/.exec(path)?.[1];
  if (batch === 'listjobs') return [{ action: 'batch:ListJobs', resource: '*' }];
  if (batch === 'describejobs') return [{ action: 'batch:DescribeJobs', resource: '*' }];
  if (batch === 'submitjob') {
    const { jobQueue, jobDefinition } = read();
    return [jobQueue, jobDefinition].map((arn) => ({ action: 'batch:SubmitJob', resource: idIn(arn, ids) }));
  }
  const schedule = /^\/schedules\/([^/?]+)/.exec(path)?.[1];
  if (schedule !== undefined) {
    const group = new URL(path, 'http://local').searchParams.get('groupName') ?? read().GroupName;
    const resource = `arn::scheduler:::schedule/${idIn(group, ids)}/${schedule}`;
    const kept = { action: `scheduler:${SCHEDULER_ACTIONS[method]}Schedule`, resource };
    if (method !== 'POST' && method !== 'PUT') return [kept];
    return [kept, { action: 'iam:PassRole', resource: idIn(read().Target.RoleArn, ids) }];
  }
  const [, bucket = '', key = ''] = /^\/([^/?]+)\/?([^?]*)/.exec(path) ?? [];
  const home = idIn(bucket, ids);
  const list = { action: 's3:ListBucket', resource: home };
  if (method === 'GET' && key === '') return [list];
  const action = S3_ACTIONS[method];
  if (action === undefined || target !== undefined)
    throw new Error(`a call that this test cannot read: ${method} ${path}`);
  // Who may not list is told of a missing object that it may not be read.
  const missing = action === 's3:GetObject' && status === 404;
  return [{ action, resource: `${home}/${decodeURIComponent(key)}` }, ...(missing ? [list] : [])];
}
