import { CloudFormationClient, DescribeStacksCommand, GetTemplateCommand } from '@aws-sdk/client-cloudformation';
import {
  GetAWSDefaultServiceQuotaCommand,
  GetServiceQuotaCommand,
  ServiceQuotasClient,
} from '@aws-sdk/client-service-quotas';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, expect, it } from 'vitest';
import { createLiveAccount } from '../../../lib/cli/deploy/live-account.ts';

/** What moto cannot be asked: quotas of EC2, and how AWS refuses. */
const quotas = mockClient(ServiceQuotasClient);
const sts = mockClient(STSClient);
const stacks = mockClient(CloudFormationClient);
beforeEach(() => [quotas, sts, stacks].forEach((mock) => void mock.reset()));
const account = createLiveAccount({ region: 'eu-central-1' });
const named = (name: string) => Object.assign(new Error('no'), { name });

it('asks for the quotas of G and VT machines on both markets', async () => {
  const of = (QuotaCode: string) => ({ ServiceCode: 'ec2', QuotaCode });
  quotas.on(GetServiceQuotaCommand, of('L-3819A6DF')).resolves({ Quota: { Value: 0 } });
  quotas.on(GetServiceQuotaCommand, of('L-DB2E81BA')).resolves({ Quota: { Value: 8 } });
  expect([await account.vcpuQuota('spot'), await account.vcpuQuota('onDemand')]).toEqual([0, 8]);
});

it('takes the default of a quota that nobody ever changed, and knows when AWS does not tell', async () => {
  quotas.on(GetServiceQuotaCommand).rejects(named('NoSuchResourceException'));
  quotas.on(GetAWSDefaultServiceQuotaCommand).resolves({ Quota: { Value: 4 } });
  expect(await account.vcpuQuota('spot')).toBe(4);
  quotas.on(GetAWSDefaultServiceQuotaCommand).rejects(named('AccessDeniedException'));
  expect(await account.vcpuQuota('spot')).toBeUndefined();
});

it('says what to do without credentials, and passes other errors on', async () => {
  sts.on(GetCallerIdentityCommand).rejectsOnce(named('ExpiredToken')).rejectsOnce(named('Throttling'));
  await expect(account.identity()).rejects.toMatchObject({ code: 'no_credentials' });
  await expect(account.identity()).rejects.toMatchObject({ name: 'Throttling' });
});

it('has no stack where there is none, and one that is gone is none', async () => {
  const gone = { StackName: 'troupe-trial', StackStatus: 'DELETE_COMPLETE' as const, CreationTime: new Date(0) };
  stacks
    .on(DescribeStacksCommand)
    .rejectsOnce(named('ValidationError'))
    .resolves({ Stacks: [gone] });
  expect(await account.findStack('troupe-trial')).toBeUndefined();
  expect(await account.findStack('troupe-trial')).toBeUndefined();
});

it('reads from the template what CloudFormation leaves alone', async () => {
  const Resources = { A: { DeletionPolicy: 'Retain' }, B: { DeletionPolicy: 'Delete' }, C: {} };
  stacks.on(GetTemplateCommand).resolves({ TemplateBody: JSON.stringify({ Resources }) });
  expect([...(await account.retainedBy('troupe-trial'))]).toEqual(['A']);
});
