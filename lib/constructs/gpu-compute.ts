import { Duration } from 'aws-cdk-lib';
import {
  AllocationStrategy,
  type CfnComputeEnvironment,
  EcsMachineImageType,
  JobQueue,
  JobStateTimeLimitActionsReason,
  ManagedEc2EcsComputeEnvironment,
} from 'aws-cdk-lib/aws-batch';
import { InstanceClass } from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';
import { GpuHost } from './gpu-host.ts';
import type { Network } from './network.ts';

export interface GpuComputeProps {
  readonly network: Network;
  /** Most vCPUs at once, four to a GPU. Batch may exceed it by one machine, so it is no limit of money. */
  readonly maxvCpus: number;
}

/** How long the first job of the queue may find no machine, for each reason, before it fails and says so. */
const LONGEST_WAITS = {
  [JobStateTimeLimitActionsReason.INSUFFICIENT_INSTANCE_CAPACITY]: Duration.hours(6),
  [JobStateTimeLimitActionsReason.COMPUTE_ENVIRONMENT_MAX_RESOURCE]: Duration.minutes(10),
  [JobStateTimeLimitActionsReason.JOB_RESOURCE_REQUIREMENT]: Duration.minutes(10),
};

/** GPU machines on the spot market, none while there is nothing to do, and the queue in front of them. */
export class GpuCompute extends Construct {
  readonly queue: JobQueue;

  constructor(scope: Construct, id: string, { network, maxvCpus }: GpuComputeProps) {
    super(scope, id);
    const { launchTemplate } = new GpuHost(this, 'Host');
    const machines = new ManagedEc2EcsComputeEnvironment(this, 'Spot', {
      vpc: network.vpc,
      vpcSubnets: network.subnets,
      securityGroups: [network.hosts],
      spot: true,
      allocationStrategy: AllocationStrategy.SPOT_PRICE_CAPACITY_OPTIMIZED,
      minvCpus: 0,
      maxvCpus,
      instanceClasses: [InstanceClass.G4DN, InstanceClass.G5, InstanceClass.G6],
      // The default adds machines without a GPU.
      useOptimalInstanceClasses: false,
      images: [{ imageType: EcsMachineImageType.ECS_AL2023_NVIDIA }],
      launchTemplate,
      // In place, and a running job may end first: a replaced environment would take its jobs with it.
      replaceComputeEnvironment: false,
      terminateOnUpdate: false,
      updateTimeout: Duration.hours(1),
    });
    // Without a version Batch takes the default one, which stays the first whatever is deployed later.
    const environment = machines.node.defaultChild as CfnComputeEnvironment;
    environment.addPropertyOverride('ComputeResources.LaunchTemplate.Version', launchTemplate.latestVersionNumber);
    this.queue = new JobQueue(this, 'Queue', {
      computeEnvironments: [{ computeEnvironment: machines, order: 1 }],
      jobStateTimeLimitActions: Object.entries(LONGEST_WAITS).map(([reason, maxTime]) => ({
        reason: reason as JobStateTimeLimitActionsReason,
        maxTime,
      })),
    });
  }
}
