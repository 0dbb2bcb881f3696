import { readFileSync } from 'node:fs';
import type { IPolicyValidationContext, IPolicyValidationPlugin, PolicyValidationPluginReport } from 'aws-cdk-lib';

// biome-ignore lint/suspicious/noExplicitAny: a template's properties have no type.
type Properties = any;

interface Rule {
  readonly name: string;
  readonly type: string;
  readonly asks: string;
  readonly holds: (properties: Properties) => boolean;
}

/** What must be true of every Batch resource: cdk-nag has no rules for them. */
export const BATCH_RULES: readonly Rule[] = [
  {
    name: 'BatchNotPrivileged',
    type: 'AWS::Batch::JobDefinition',
    asks: 'A job definition never runs privileged',
    holds: ({ ContainerProperties }) => ContainerProperties?.Privileged !== true,
  },
  {
    name: 'BatchReadOnlyRoot',
    type: 'AWS::Batch::JobDefinition',
    asks: 'The root file system of a container is read-only',
    holds: ({ ContainerProperties }) => ContainerProperties?.ReadonlyRootFilesystem === true,
  },
  {
    name: 'BatchTimeout',
    type: 'AWS::Batch::JobDefinition',
    asks: 'A job has a time after which it is stopped',
    holds: ({ Timeout }) => Timeout?.AttemptDurationSeconds >= 60,
  },
  {
    name: 'BatchRetriesEndWithExit',
    type: 'AWS::Batch::JobDefinition',
    asks: 'The last retry rule ends whatever no other rule matches: Batch would retry it',
    holds: ({ RetryStrategy }) => {
      const last = RetryStrategy?.EvaluateOnExit?.at(-1);
      return (
        last?.Action?.toUpperCase() === 'EXIT' && [last.OnStatusReason, last.OnReason, last.OnExitCode].includes('*')
      );
    },
  },
  {
    name: 'BatchIdlesAtNothing',
    type: 'AWS::Batch::ComputeEnvironment',
    asks: 'No machine is kept while there is nothing to do',
    holds: ({ ComputeResources }) => ComputeResources?.MinvCpus === 0,
  },
  {
    name: 'BatchAmazonLinux2023',
    type: 'AWS::Batch::ComputeEnvironment',
    asks: 'Machines run Amazon Linux 2023: support of its predecessor has ended',
    holds: ({ ComputeResources }) =>
      ComputeResources?.Ec2Configuration?.every(({ ImageType }: { ImageType: string }) =>
        ImageType.startsWith('ECS_AL2023'),
      ),
  },
  {
    name: 'HostMetadataOneHop',
    type: 'AWS::EC2::LaunchTemplate',
    asks: 'Metadata of a host takes a token and goes one hop, so that no container borrows its role',
    holds: ({ LaunchTemplateData }) =>
      LaunchTemplateData?.MetadataOptions?.HttpTokens === 'required' &&
      LaunchTemplateData.MetadataOptions.HttpPutResponseHopLimit === 1,
  },
];

/** The rules of Batch, as CDK asks for them at every synthesis. */
export class BatchChecks implements IPolicyValidationPlugin {
  readonly name = 'TroupeBatch';
  readonly version = '1.0.0';
  readonly ruleIds = BATCH_RULES.map(({ name }) => name);

  validate({ templatePaths }: IPolicyValidationContext): PolicyValidationPluginReport {
    const violations = templatePaths.flatMap((templatePath) => {
      const { Resources = {} } = JSON.parse(readFileSync(templatePath, 'utf8'));
      return Object.entries(Resources as Record<string, { Type: string; Properties?: Properties }>).flatMap(
        ([resourceLogicalId, { Type, Properties = {} }]) =>
          BATCH_RULES.filter(({ type, holds }) => type === Type && !holds(Properties)).map(({ name, asks }) => ({
            ruleName: name,
            description: asks,
            violatingResources: [{ resourceLogicalId, templatePath, locations: [] }],
          })),
      );
    });
    return { success: violations.length === 0, violations };
  }
}
