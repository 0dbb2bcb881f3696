import { describe, expect, it } from 'vitest';
import { follow, ofType, synthesise, theOne } from './synth.ts';

const resources = synthesise();
const environments = ofType(resources, 'AWS::Batch::ComputeEnvironment');
const environment = environments.find(({ properties }) => properties.ComputeResources.Type === 'SPOT')?.properties;
const definition = theOne(resources, 'AWS::Batch::JobDefinition').properties;
const machines = environment.ComputeResources;

describe('GPU machines', () => {
  it('come from the spot market, and none stands idle', () => {
    expect(machines).toMatchObject({
      Type: 'SPOT',
      AllocationStrategy: 'SPOT_PRICE_CAPACITY_OPTIMIZED',
      MinvCpus: 0,
      MaxvCpus: 16,
    });
    expect(machines.DesiredvCpus).toBeUndefined();
  });

  it('all have a GPU and run Amazon Linux 2023', () => {
    expect(machines.InstanceTypes.every((type: string) => /^g[456]/.test(type))).toBe(true);
    expect(machines.Ec2Configuration).toEqual([{ ImageType: 'ECS_AL2023_NVIDIA' }]);
  });

  it('keep their role from containers, and have encrypted disks', () => {
    const template = follow(resources, machines.LaunchTemplate.LaunchTemplateId).properties.LaunchTemplateData;
    expect(template.MetadataOptions).toEqual({ HttpTokens: 'required', HttpPutResponseHopLimit: 1 });
    expect(template.BlockDeviceMappings).toMatchObject([{ Ebs: { Encrypted: true } }]);
    // A template of which a later version is never used would be a trap.
    expect(machines.LaunchTemplate.Version['Fn::GetAtt'][1]).toBe('LatestVersionNumber');
  });

  it('drain when spot takes them back, told so in the multipart form that Batch asks for', () => {
    const template = follow(resources, machines.LaunchTemplate.LaunchTemplateId).properties.LaunchTemplateData;
    const userData = JSON.stringify(template.UserData);
    expect(userData).toContain('Content-Type: multipart/mixed');
    expect(userData).toContain('ECS_ENABLE_SPOT_INSTANCE_DRAINING=true');
    expect(userData).toContain('ECS_CONTAINER_STOP_TIMEOUT=110s');
  });

  it('are changed in place, after the jobs on them', () => {
    expect(environment.ReplaceComputeEnvironment).toBe(false);
    expect(environment.UpdatePolicy.TerminateJobsOnUpdate).toBe(false);
  });
});

describe('the job queues', () => {
  const queues = ofType(resources, 'AWS::Batch::JobQueue');

  it('are two, over machines that differ in how they are bought and in nothing else', () => {
    const bought = queues.map(({ properties }) => {
      const [order, ...more] = properties.ComputeEnvironmentOrder;
      expect(more).toEqual([]);
      return follow(resources, order.ComputeEnvironment).properties.ComputeResources;
    });
    expect(bought.map(({ Type }) => Type).sort()).toEqual(['EC2', 'SPOT']);
    const alike = bought.map(({ Type, AllocationStrategy, SpotIamFleetRole, InstanceRole, ...rest }) =>
      JSON.stringify(rest),
    );
    expect(alike[0]).toBe(alike[1]);
  });

  it.each(queues)('cancel a job that no machine will ever take: $id', ({ properties }) => {
    const limits = properties.JobStateTimeLimitActions;
    expect(limits.map((limit: { Reason: string }) => limit.Reason).sort()).toEqual([
      'CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY',
      'MISCONFIGURATION:COMPUTE_ENVIRONMENT_MAX_RESOURCE',
      'MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT',
    ]);
    for (const limit of limits) {
      expect(limit).toMatchObject({ Action: 'CANCEL', State: 'RUNNABLE' });
      expect(limit.MaxTimeSeconds).toBeGreaterThanOrEqual(600);
      expect(limit.MaxTimeSeconds).toBeLessThanOrEqual(86_400);
    }
  });
});

describe('the worker', () => {
  const container = definition.ContainerProperties;
  const needs = Object.fromEntries(
    container.ResourceRequirements.map((need: { Type: string; Value: string }) => [need.Type, Number(need.Value)]),
  );

  it('takes one GPU and less memory than the smallest machine has', () => {
    expect(needs.GPU).toBe(1);
    expect(needs.VCPU).toBe(4);
    expect(needs.MEMORY).toBeLessThan(15 * 1_024);
  });

  it('has no privileges and cannot change its own image', () => {
    expect(container.Privileged).toBe(false);
    expect(container.ReadonlyRootFilesystem).toBe(true);
    expect(container.MountPoints).toEqual([{ ContainerPath: '/tmp', SourceVolume: 'scratch' }]);
  });

  it('is told the verb, the job file and the epoch by the submission', () => {
    expect(container.Command).toEqual(['Ref::verb', '--job', 'Ref::job', '--epoch', 'Ref::epoch']);
    expect(Object.keys(definition.Parameters).sort()).toEqual(['epoch', 'job', 'verb']);
    expect(container.Environment.map((each: { Name: string }) => each.Name)).toEqual(['TROUPE_MODELS']);
  });

  it('is retried when its machine went away or it asked to be, and for nothing else', () => {
    const { Attempts, EvaluateOnExit } = definition.RetryStrategy;
    expect(Attempts).toBeGreaterThanOrEqual(3);
    expect(Attempts).toBeLessThanOrEqual(10);
    expect(EvaluateOnExit.length).toBeLessThanOrEqual(5);
    expect(EvaluateOnExit).toEqual([
      { Action: 'RETRY', OnStatusReason: 'Host EC2*' },
      { Action: 'RETRY', OnReason: 'CannotPullContainerError:*' },
      { Action: 'RETRY', OnExitCode: '75' },
      { Action: 'RETRY', OnExitCode: '137' },
      { Action: 'EXIT', OnStatusReason: '*' },
    ]);
  });

  it('is stopped after hours, and writes to a log that ends', () => {
    expect(definition.Timeout.AttemptDurationSeconds).toBeGreaterThanOrEqual(60);
    expect(definition.Timeout.AttemptDurationSeconds).toBeLessThanOrEqual(86_400);
    const log = follow(resources, container.LogConfiguration.Options['awslogs-group']);
    expect(ofType([log], 'AWS::Logs::LogGroup')[0]?.properties.RetentionInDays).toBe(14);
  });
});
