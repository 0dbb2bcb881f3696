import { Duration } from 'aws-cdk-lib';
import {
  AllocationStrategy,
  type CfnComputeEnvironment,
  EcsMachineImageType,
  JobQueue,
  JobStateTimeLimitActionsReason,
  ManagedEc2EcsComputeEnvironment,
  type ManagedEc2EcsComputeEnvironmentProps,
} from 'aws-cdk-lib/aws-batch';
import { InstanceClass } from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';
import { PATIENCE_HOURS } from '../contracts/environment.ts';
import { GpuHost } from './gpu-host.ts';
import type { Network } from './network.ts';

export interface GpuComputeProps {
  readonly network: Network;
  /** Most vCPUs at once, four to a GPU. Batch may exceed it by one machine, so it is no limit of money. */
  readonly maxvCpus: number;
}

/** How long the first job of the queue may find no machine, for each reason, before it fails and says so. */
const LONGEST_WAITS = {
  [JobStateTimeLimitActionsReason.INSUFFICIENT_INSTANCE_CAPACITY]: Duration.hours(PATIENCE_HOURS),
  [JobStateTimeLimitActionsReason.COMPUTE_ENVIRONMENT_MAX_RESOURCE]: Duration.minutes(10),
  [JobStateTimeLimitActionsReason.JOB_RESOURCE_REQUIREMENT]: Duration.minutes(10),
};

/** GPU machines, none while there is nothing to do: a queue for those on the spot market, and one for those at full price. */
export class GpuCompute extends Construct {
  readonly spot: JobQueue;
  /** For jobs that found no machine on the spot market. */
  readonly onDemand: JobQueue;

  constructor(scope: Construct, id: string, { network, maxvCpus }: GpuComputeProps) {
    super(scope, id);
    const { launchTemplate } = new GpuHost(this, 'Host');
    const machines = (
      name: string,
      allocation: Pick<ManagedEc2EcsComputeEnvironmentProps, 'spot' | 'allocationStrategy'>,
    ) => {
      const made = new ManagedEc2EcsComputeEnvironment(this, name, {
        ...allocation,
        vpc: network.vpc,
        vpcSubnets: network.subnets,
        securityGroups: [network.hosts],
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
      const environment = made.node.defaultChild as CfnComputeEnvironment;
      environment.addPropertyOverride('ComputeResources.LaunchTemplate.Version', launchTemplate.latestVersionNumber);
      return made;
    };
    const spot = { spot: true, allocationStrategy: AllocationStrategy.SPOT_PRICE_CAPACITY_OPTIMIZED };
    this.spot = this.queueFor('Queue', machines('Spot', spot));
    const onDemand = { spot: false, allocationStrategy: AllocationStrategy.BEST_FIT_PROGRESSIVE };
    this.onDemand = this.queueFor('OnDemandQueue', machines('OnDemand', onDemand));
  }

  /** Not one queue over both: Batch goes to the second environment only when the first is full, not when spot has nothing. */
  private queueFor(id: string, computeEnvironment: ManagedEc2EcsComputeEnvironment): JobQueue {
    return new JobQueue(this, id, {
      computeEnvironments: [{ computeEnvironment, order: 1 }],
      jobStateTimeLimitActions: Object.entries(LONGEST_WAITS).map(([reason, maxTime]) => ({
        reason: reason as JobStateTimeLimitActionsReason,
        maxTime,
      })),
    });
  }
}
