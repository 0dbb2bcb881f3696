import { Duration, RemovalPolicy, Size } from 'aws-cdk-lib';
import {
  Action,
  EcsEc2ContainerDefinition,
  EcsJobDefinition,
  EcsVolume,
  Reason,
  RetryStrategy,
} from 'aws-cdk-lib/aws-batch';
import { ContainerImage, LogDriver } from 'aws-cdk-lib/aws-ecs';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { ENVIRONMENT, WORKER_ENVIRONMENT } from '../contracts/environment.ts';
import { JOB_VCPUS } from '../contracts/stage.ts';
import type { GpuCompute } from './gpu-compute.ts';
import type { PipelineFunction } from './pipeline-function.ts';
import type { PrivateBucket } from './private-bucket.ts';
import { WorkerImage } from './worker-image.ts';

export interface WorkerJobProps {
  readonly library: PrivateBucket;
  readonly logRetention: RetentionDays;
}

/** Where the worker's Dockerfile puts the models. */
const MODELS_IN_IMAGE = '/opt/troupe/models';

const ATTEMPTS = 5;

/** Every rule shares the attempts, and what no rule matches would be retried: so the last one ends all the rest. */
const AFTER_EXIT = [
  RetryStrategy.of(Action.RETRY, Reason.SPOT_INSTANCE_RECLAIMED),
  RetryStrategy.of(Action.RETRY, Reason.CANNOT_PULL_CONTAINER),
  RetryStrategy.of(Action.RETRY, Reason.custom({ onExitCode: '75' })),
  // Killed by force: a spot machine may vanish without the notice that ends in 75.
  RetryStrategy.of(Action.RETRY, Reason.custom({ onExitCode: '137' })),
  // By status, which every failure has: a container that never started has no exit code to match.
  RetryStrategy.of(Action.EXIT, Reason.custom({ onStatusReason: '*' })),
];

/** The worker as a Batch job: one GPU, one image, and a role that reaches the library alone. */
export class WorkerJob extends Construct {
  readonly definition: EcsJobDefinition;

  constructor(scope: Construct, id: string, { library, logRetention }: WorkerJobProps) {
    super(scope, id);
    const role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('ecs-tasks.amazonaws.com') });
    library.allow(role, ['s3:GetObject'], ['*']);
    library.allow(role, ['s3:PutObject'], ['jobs/*', 'subjects/*/versions/*', 'campaigns/*/variants/*']);
    library.allowMissing(role);
    this.definition = new EcsJobDefinition(this, 'Definition', {
      container: new EcsEc2ContainerDefinition(this, 'Container', {
        image: ContainerImage.fromDockerImageAsset(new WorkerImage(this, 'Image')),
        command: ['Ref::verb', '--job', 'Ref::job', '--epoch', 'Ref::epoch'],
        environment: { [WORKER_ENVIRONMENT.models]: MODELS_IN_IMAGE },
        gpu: 1,
        cpu: JOB_VCPUS,
        // Less than the 16 GiB of the smallest machine: its system and the ECS agent keep some, and a job that asks for all never starts.
        memory: Size.gibibytes(13),
        jobRole: role,
        privileged: false,
        readonlyRootFilesystem: true,
        volumes: [EcsVolume.host({ name: 'scratch', containerPath: '/tmp' })],
        logging: LogDriver.awsLogs({
          streamPrefix: 'worker',
          logGroup: new LogGroup(this, 'Log', { retention: logRetention, removalPolicy: RemovalPolicy.DESTROY }),
        }),
      }),
      // Every submission names all three; these only make a forgotten one fail by name.
      parameters: { verb: 'none', job: 'none', epoch: '0' },
      retryAttempts: ATTEMPTS,
      retryStrategies: AFTER_EXIT,
      timeout: Duration.hours(4),
    });
  }

  /** Let `fn` look for jobs and submit them to `compute`, and tell it by which queues and definition. */
  grantSubmit(fn: PipelineFunction, { spot, onDemand }: GpuCompute): void {
    fn.addToRolePolicy(
      new PolicyStatement({
        actions: ['batch:SubmitJob'],
        resources: [this.definition.jobDefinitionArn, spot.jobQueueArn, onDemand.jobQueueArn],
      }),
    );
    // AWS knows no narrower resource for a list.
    fn.addToRolePolicy(new PolicyStatement({ actions: ['batch:ListJobs'], resources: ['*'] }));
    fn.addEnvironment(ENVIRONMENT.spotQueue, spot.jobQueueArn);
    fn.addEnvironment(ENVIRONMENT.onDemandQueue, onDemand.jobQueueArn);
    fn.addEnvironment(ENVIRONMENT.workerDefinition, this.definition.jobDefinitionArn);
  }

  /** Let `fn` ask how a job stands, and tell it by which queues and definition. */
  grantDescribe(fn: PipelineFunction, { spot, onDemand }: GpuCompute): void {
    fn.addToRolePolicy(new PolicyStatement({ actions: ['batch:DescribeJobs'], resources: ['*'] }));
    fn.addEnvironment(ENVIRONMENT.spotQueue, spot.jobQueueArn);
    fn.addEnvironment(ENVIRONMENT.onDemandQueue, onDemand.jobQueueArn);
    fn.addEnvironment(ENVIRONMENT.workerDefinition, this.definition.jobDefinitionArn);
  }
}
