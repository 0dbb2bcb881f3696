import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { ofType, synthesise } from './synth.ts';

/** What a stage costs while nothing is done, as the README counts it: dollars a month, us-east-1, 30 days, list prices. */
const resources = synthesise();
const count = (type: string): number => ofType(resources, type).length;

/** An alarm over an expression is billed for each metric in it. */
const alarmMetrics = ofType(resources, 'AWS::CloudWatch::Alarm')
  .map(({ properties }) => properties.Metrics?.filter((metric: object) => 'MetricStat' in metric).length ?? 1)
  .reduce((total, metrics) => total + metrics, 0);

/** Lambda keeps five long polls of 20 seconds open on an idle queue. */
const POLLS = (5 * 30 * 86_400) / 20;
/** Compressed; not measured: torch’s wheels for GPUs are some four gigabytes. */
const IMAGE_GB = 4;

const DOLLARS = {
  alarms: (alarmMetrics - 10) * 0.1,
  queues: ((count('AWS::Lambda::EventSourceMapping') * POLLS - 1_000_000) / 1_000_000) * 0.4,
  image: IMAGE_GB * 0.1,
};

it('is what the README says, and under five dollars', () => {
  const readme = readFileSync('README.md', 'utf8');
  const [, table = ''] = /\| While idle \|[^\n]*\n\|[^\n]*\n((?:\|[^\n]*\n)+)/.exec(readme) ?? [];
  const rows = new Map(
    table
      .split('\n')
      .map((line) => line.split('|').map((cell) => cell.trim()))
      .map(([, name = '', , dollars = '']) => [name, dollars]),
  );
  const total = Object.values(DOLLARS).reduce((sum, dollars) => sum + dollars, 0);
  expect(rows.get('alarms')).toBe(`$${DOLLARS.alarms.toFixed(2)}`);
  expect(rows.get('queues')).toBe(`$${DOLLARS.queues.toFixed(2)}`);
  expect(rows.get('image')).toBe(`$${DOLLARS.image.toFixed(2)}`);
  expect(rows.get('**together**')).toBe(`**$${total.toFixed(2)}**`);
  expect(total).toBeLessThan(5);
});

it('has nothing else that is billed by the hour or the month', () => {
  for (const type of ['EC2::NatGateway', 'EC2::EIP', 'KMS::Key', 'SecretsManager::Secret', 'EC2::Instance']) {
    expect(count(`AWS::${type}`), type).toBe(0);
  }
  expect(
    ofType(resources, 'AWS::EC2::VPCEndpoint').every(({ properties }) => properties.VpcEndpointType === 'Gateway'),
  ).toBe(true);
  // The first three dashboards of an account are free, of up to fifty metrics each.
  expect(count('AWS::CloudWatch::Dashboard')).toBe(1);
  for (const { properties } of ofType(resources, 'AWS::Batch::ComputeEnvironment')) {
    expect(properties.ComputeResources.MinvCpus).toBe(0);
  }
});
