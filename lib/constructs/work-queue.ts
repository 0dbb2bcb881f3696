import { Duration } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { PipelineFunction } from './pipeline-function.ts';
import type { Variable } from './variable.ts';

export interface WorkQueueProps {
  /** Time that the queue's function has for one batch of messages: it becomes the function's timeout. */
  readonly handledWithin: Duration;
}

/** AWS asks for six: five throttled deliveries of a batch must still end before it is handed out again. */
const VISIBILITY_PER_TIMEOUT = 6;
const MAX_RECEIVES = 5;

/** A queue of work and the dead-letter queue for what could not be delivered to it or done. */
export class WorkQueue extends Construct {
  readonly queue: Queue;
  readonly deadLetters: Queue;
  readonly handledWithin: Duration;
  readonly keptFor = Duration.days(4);

  constructor(scope: Construct, id: string, props: WorkQueueProps) {
    super(scope, id);
    this.handledWithin = props.handledWithin;
    this.deadLetters = new Queue(this, 'DeadLetters', {
      // A moved message keeps the clock of its first sending, so this must exceed the retention of the work.
      retentionPeriod: Duration.days(14),
      // Not aws/kms: EventBridge cannot write to a queue under an AWS-managed key.
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
    });
    this.queue = new Queue(this, 'Work', {
      visibilityTimeout: Duration.seconds(VISIBILITY_PER_TIMEOUT * props.handledWithin.toSeconds()),
      retentionPeriod: this.keptFor,
      receiveMessageWaitTime: Duration.seconds(20),
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: MAX_RECEIVES },
    });
  }

  /** Let `fn` send to the queue, and tell it in `variable` where the queue is. */
  grantSend(fn: PipelineFunction, variable: Variable): void {
    fn.addToRolePolicy(new PolicyStatement({ actions: ['sqs:SendMessage'], resources: [this.queue.queueArn] }));
    fn.addEnvironment(variable, this.queue.queueUrl);
  }
}
