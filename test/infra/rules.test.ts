import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, Stack, Validations } from 'aws-cdk-lib';
import { CfnComputeEnvironment, CfnJobDefinition } from 'aws-cdk-lib/aws-batch';
import { AwsSolutionsChecks, ServerlessChecks } from 'cdk-nag';
import { describe, expect, it } from 'vitest';
import { BATCH_RULES, BatchChecks } from '../../lib/constructs/index.ts';
import { ACKNOWLEDGEMENTS } from '../../lib/stacks/index.ts';
import { stackOf } from './synth.ts';

/** Synthesise with every rule on; return what they find and where the templates are. */
function check(app: App): { findings: string[]; directory: string } {
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app), new ServerlessChecks(app), new BatchChecks());
  process.env.CDK_VALIDATION = 'true';
  try {
    return { findings: [], directory: app.synth().directory };
  } catch (error) {
    const path = /report can be found in: (\S+)/.exec(String(error))?.[1];
    if (path === undefined) throw error;
    const { pluginReports } = JSON.parse(readFileSync(path, 'utf8'));
    const violations = pluginReports.flatMap((report: { violations?: object[] }) => report.violations ?? []);
    return { findings: violations.map(({ ruleName }: { ruleName: string }) => ruleName), directory: '' };
  }
}

const appOf = (stack: Stack): App => App.of(stack) as App;

describe('the rules', () => {
  it.each([
    ['a stage to try things in', { keepData: false, isolated: false }],
    ['production, isolated', { keepData: true, isolated: true }],
  ])('find nothing that is not acknowledged, and cfn-lint no error: %s', { timeout: 300_000 }, (_name, changes) => {
    const { findings, directory } = check(appOf(stackOf(changes)));
    expect(findings).toEqual([]);
    const templates = readdirSync(directory).filter((file) => file.endsWith('.template.json'));
    expect(templates).toHaveLength(1);
    for (const template of templates) {
      // Warnings are of no use here: W3005 and the like speak of what CDK always writes.
      execFileSync('.venv/bin/cfn-lint', ['--ignore-checks', 'W', '--', join(directory, template)], { stdio: 'pipe' });
    }
  });

  it('are acknowledged with a reason each, and their number is known', () => {
    const rules = new Set(ACKNOWLEDGEMENTS.map(({ rule }) => rule));
    expect([...rules].sort()).toEqual([
      'AwsSolutions::AwsSolutions-IAM4',
      'AwsSolutions::AwsSolutions-IAM5',
      'AwsSolutions::AwsSolutions-S1',
      'AwsSolutions::AwsSolutions-VPC7',
      'Serverless::Serverless-LambdaDLQ',
      'Serverless::Serverless-LambdaEventSourceMappingDestination',
      'Serverless::Serverless-LambdaTracing',
      'Serverless::Serverless-SQSRedrivePolicy',
    ]);
    expect(ACKNOWLEDGEMENTS.every(({ reason }) => reason.length > 40)).toBe(true);
    const count = ACKNOWLEDGEMENTS.flatMap(({ at, findings = [''] }) =>
      at.flatMap((path) => findings.map(() => path)),
    ).length;
    console.log(`${count} acknowledgements of ${rules.size} rules`);
    expect(count).toBeLessThanOrEqual(48);
  });

  it('of Batch find what they are for', () => {
    const stack = new Stack(new App({ analyticsReporting: false }), 'Careless');
    new CfnJobDefinition(stack, 'Job', {
      type: 'container',
      containerProperties: { image: 'x', privileged: true },
      retryStrategy: { attempts: 3, evaluateOnExit: [{ action: 'RETRY', onExitCode: '75' }] },
    });
    new CfnComputeEnvironment(stack, 'Machines', {
      type: 'MANAGED',
      computeResources: {
        ...{ type: 'SPOT', minvCpus: 4, maxvCpus: 8, subnets: ['s'] },
        ec2Configuration: [{ imageType: 'ECS_AL2_NVIDIA' }],
      },
    });
    const app = appOf(stack);
    Validations.of(app).addPlugins(new BatchChecks());
    expect(() => app.synth()).toThrow(/A job definition never runs privileged/);
    const found = new BatchChecks().validate({ templatePaths: [join(app.outdir, 'Careless.template.json')] } as never);
    expect(found.violations.map(({ ruleName }) => ruleName).sort()).toEqual(
      BATCH_RULES.map(({ name }) => name)
        .filter((name) => name !== 'HostMetadataOneHop')
        .sort(),
    );
  });
});
