import { type Duration, RemovalPolicy, type Size } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { ENVIRONMENT } from '../contracts/environment.ts';
import { bundleOf, ENCODER_IN_BUNDLE, type Nets, READER_IN_BUNDLE, UPSCALER_IN_BUNDLE } from './function-bundle.ts';

export interface PipelineFunctionProps {
  /** Folder of the function below `functions`. */
  readonly folder: string;
  readonly timeout: Duration;
  readonly memory: Size;
  readonly logRetention: RetentionDays;
  /** What a function that looks at pictures does it with: they bring the native modules too. */
  readonly nets?: Nets;
}

/** One function of the pipeline: its bundle, a role that can do nothing yet, and a log that ends. */
export class PipelineFunction extends LambdaFunction {
  constructor(scope: Construct, id: string, props: PipelineFunctionProps) {
    // A role of our own: the default one may create any log group in the account.
    const role = new Role(scope, `${id}Role`, { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    const logGroup = new LogGroup(scope, `${id}Log`, {
      retention: props.logRetention,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    logGroup.grantWrite(role);
    super(scope, id, {
      // Named: a default would follow the CDK, and Node 24 is the first without callback handlers.
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.X86_64,
      handler: 'index.handler',
      code: bundleOf(props.folder, props.nets),
      timeout: props.timeout,
      memorySize: props.memory.toMebibytes(),
      role,
      logGroup,
      environment: {
        NODE_OPTIONS: '--enable-source-maps',
        ...(props.nets === undefined ? {} : PICTURE_ENVIRONMENT),
        ...(props.nets?.reader === undefined ? {} : { [ENVIRONMENT.readerFolder]: READER_IN_BUNDLE }),
        ...(props.nets?.upscaler === undefined ? {} : { [ENVIRONMENT.upscalerFolder]: UPSCALER_IN_BUNDLE }),
      },
    });
  }
}

const PICTURE_ENVIRONMENT = {
  [ENVIRONMENT.encoderFolder]: ENCODER_IN_BUNDLE,
  // glibc keeps an arena per thread; with libvips's threads that is most of the memory.
  MALLOC_ARENA_MAX: '2',
  VIPS_BLOCK_UNTRUSTED: '1',
};
