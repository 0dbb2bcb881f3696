import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { AnyPrincipal, Effect, type IGrantable, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { BlockPublicAccess, Bucket, BucketEncryption, type CfnBucket, ObjectOwnership } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { PipelineFunction } from './pipeline-function.ts';
import type { Variable } from './variable.ts';

export interface PrivateBucketProps {
  /** The variable through which a function learns the bucket's name. */
  readonly variable: Variable;
  /** Whether the bucket outlives the stack. */
  readonly keep: boolean;
  /** How long an overwritten or deleted object can still be brought back. */
  readonly undoFor: Duration;
  /** Keys (`*` stands for anything) that are written only where nothing is, or over what the writer has just read. */
  readonly conditional?: readonly string[];
  /** Keys of objects that nobody needs after a while, by prefix. */
  readonly passing?: Readonly<Record<string, Duration>>;
}

/** A bucket that only Troupe reaches, over TLS, and whose events go to EventBridge. */
export class PrivateBucket extends Construct {
  readonly bucket: Bucket;
  readonly #variable: Variable;

  constructor(scope: Construct, id: string, props: PrivateBucketProps) {
    super(scope, id);
    this.#variable = props.variable;
    this.bucket = new Bucket(this, 'Bucket', {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      encryption: BucketEncryption.S3_MANAGED,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      enforceSSL: true,
      versioned: true,
      lifecycleRules: [
        { abortIncompleteMultipartUploadAfter: Duration.days(1), noncurrentVersionExpiration: props.undoFor },
        ...Object.entries(props.passing ?? {}).map(([prefix, expiration]) => ({ prefix, expiration })),
      ],
      removalPolicy: props.keep ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
    // The L2's `eventBridgeEnabled` would add a custom resource, and with it a function in another language.
    const bucket = this.bucket.node.defaultChild as CfnBucket;
    bucket.notificationConfiguration = { eventBridgeConfiguration: { eventBridgeEnabled: true } };
    if (props.conditional) this.denyBlindWrites(props.conditional);
  }

  /** Whoever forgets the condition is refused, a person with a console too; also copying there, which knows no condition. */
  private denyBlindWrites(keys: readonly string[]): void {
    this.bucket.addToResourcePolicy(
      new PolicyStatement({
        sid: 'NoBlindWrites',
        effect: Effect.DENY,
        principals: [new AnyPrincipal()],
        actions: ['s3:PutObject'],
        resources: keys.map((key) => this.bucket.arnForObjects(key)),
        conditions: {
          Null: { 's3:if-none-match': 'true', 's3:if-match': 'true' },
          // The parts of a large upload take no condition; what completes it does.
          Bool: { 's3:ObjectCreationOperation': 'true' },
        },
      }),
    );
  }

  /** Let `fn` read the objects whose keys are like `keys` (`*` stands for anything), and tell it where they are. */
  grantRead(fn: PipelineFunction, keys: readonly string[]): void {
    this.allow(fn, ['s3:GetObject'], keys);
    this.allowMissing(fn);
    fn.addEnvironment(this.#variable, this.bucket.bucketName);
  }

  /** Let `fn` list the bucket, and tell it where it is. */
  grantList(fn: PipelineFunction): void {
    this.allowMissing(fn);
    fn.addEnvironment(this.#variable, this.bucket.bucketName);
  }

  /** Let `fn` write the objects whose keys are like `keys`, and tell it where they go. */
  grantWrite(fn: PipelineFunction, keys: readonly string[]): void {
    this.allow(fn, ['s3:PutObject'], keys);
    fn.addEnvironment(this.#variable, this.bucket.bucketName);
  }

  /** Give `grantee` `actions` on the objects whose keys are like `keys`. For whoever learns the bucket's name in another way. */
  allow(grantee: IGrantable, actions: readonly string[], keys: readonly string[]): void {
    grantee.grantPrincipal.addToPrincipalPolicy(
      new PolicyStatement({
        actions: [...actions],
        resources: keys.map((key) => this.bucket.arnForObjects(key)),
      }),
    );
  }

  /** Without the right to list, S3 answers 403 for a missing object: nobody could tell "not yet" from "not allowed". */
  allowMissing(grantee: IGrantable): void {
    grantee.grantPrincipal.addToPrincipalPolicy(
      new PolicyStatement({ actions: ['s3:ListBucket'], resources: [this.bucket.bucketArn] }),
    );
  }
}
