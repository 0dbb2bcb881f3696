import { createReadStream } from 'node:fs';
import {
  CloudFormationClient,
  DescribeStacksCommand,
  GetTemplateCommand,
  paginateListStackResources,
} from '@aws-sdk/client-cloudformation';
import {
  GetAWSDefaultServiceQuotaCommand,
  GetServiceQuotaCommand,
  ServiceQuotasClient,
} from '@aws-sdk/client-service-quotas';
import { GetParameterCommand, ParameterNotFound, SSMClient } from '@aws-sdk/client-ssm';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { explainNoCredentials } from '../no-credentials.ts';
import type { Account, Market, ResourceSeen } from './account.ts';
import { createDataStores } from './data-stores.ts';

/** How an account is reached. Tests name an endpoint. */
export interface AccountSettings {
  region?: string;
  profile?: string;
  endpoint?: string;
  credentials?: { accessKeyId: string; secretAccessKey: string };
}

/** "Running On-Demand G and VT instances" and "All G and VT Spot Instance Requests". */
const QUOTAS: Record<Market, string> = { onDemand: 'L-DB2E81BA', spot: 'L-3819A6DF' };

/** Where the CDK writes the version of its bootstrap stack, under its default qualifier. */
const BOOTSTRAP_VERSION = '/cdk-bootstrap/hnb659fds/version';

export function createLiveAccount(settings: AccountSettings): Account {
  const stacks = new CloudFormationClient(settings);
  const quotas = new ServiceQuotasClient(settings);
  return {
    ...createDataStores(settings),
    async identity() {
      const client = new STSClient(settings);
      try {
        const region = await client.config.region();
        const { Account: account = '' } = await client.send(new GetCallerIdentityCommand({}));
        return { account, region };
      } catch (error) {
        throw explainNoCredentials(error as Error) ?? error;
      }
    },
    async vcpuQuota(market) {
      const ask = { ServiceCode: 'ec2', QuotaCode: QUOTAS[market] };
      // A quota that nobody ever changed is known by its default only.
      for (const command of [new GetServiceQuotaCommand(ask), new GetAWSDefaultServiceQuotaCommand(ask)]) {
        // What cannot be read is a finding of the preflight, not its end: many roles may deploy and not read quotas.
        const reply = await quotas.send(command).catch(() => undefined);
        if (reply?.Quota?.Value !== undefined) return reply.Quota.Value;
      }
      return undefined;
    },
    async bootstrapVersion() {
      try {
        const { Parameter } = await new SSMClient(settings).send(new GetParameterCommand({ Name: BOOTSTRAP_VERSION }));
        return Number(Parameter?.Value);
      } catch (error) {
        if (error instanceof ParameterNotFound) return undefined;
        throw error;
      }
    },
    async findStack(name) {
      try {
        const { Stacks: [found] = [] } = await stacks.send(new DescribeStacksCommand({ StackName: name }));
        if (!found || found.StackStatus === 'DELETE_COMPLETE') return undefined;
        const outputs = (found.Outputs ?? []).map(({ OutputKey = '', OutputValue = '' }) => [OutputKey, OutputValue]);
        return { id: found.StackId ?? name, status: found.StackStatus ?? '', outputs: Object.fromEntries(outputs) };
      } catch (error) {
        // CloudFormation has no error of its own for a stack that does not exist.
        if ((error as Error).name === 'ValidationError') return undefined;
        throw error;
      }
    },
    async listResources(stack) {
      const found: ResourceSeen[] = [];
      for await (const page of paginateListStackResources({ client: stacks }, { StackName: stack })) {
        for (const each of page.StackResourceSummaries ?? []) {
          found.push({
            logicalId: each.LogicalResourceId ?? '',
            type: each.ResourceType ?? '',
            name: each.PhysicalResourceId ?? '',
            status: each.ResourceStatus ?? '',
          });
        }
      }
      return found;
    },
    async retainedBy(stack) {
      const { TemplateBody = '{}' } = await stacks.send(new GetTemplateCommand({ StackName: stack }));
      const { Resources = {} } = JSON.parse(TemplateBody) as {
        Resources?: Record<string, { DeletionPolicy?: string }>;
      };
      const kept = Object.entries(Resources).filter(([, { DeletionPolicy }]) => DeletionPolicy?.startsWith('Retain'));
      return new Set(kept.map(([logicalId]) => logicalId));
    },
    uploadFile: async (bucket, key, path, onBytes) => {
      // Loaded on first use: only a model is large enough to need it.
      const { uploadLarge } = await import('./upload-large.ts');
      await uploadLarge(settings, { bucket, key, body: createReadStream(path), onBytes });
    },
  };
}
