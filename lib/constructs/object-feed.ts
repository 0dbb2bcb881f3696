import { Rule } from 'aws-cdk-lib/aws-events';
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import { Construct } from 'constructs';
import type { PrivateBucket } from './private-bucket.ts';
import type { WorkQueue } from './work-queue.ts';

export interface ObjectFeedProps {
  readonly from: PrivateBucket;
  /** Which keys: all that begin so, all that do not, or all of a shape in which `*` stands for anything. */
  readonly keys:
    | { readonly prefix: string }
    | { readonly 'anything-but': { readonly prefix: string } }
    | { readonly wildcard: string };
  readonly to: WorkQueue;
}

/** An arrow of the drawing: every object that arrives under some keys becomes a message. */
export class ObjectFeed extends Construct {
  constructor(scope: Construct, id: string, props: ObjectFeedProps) {
    super(scope, id);
    new Rule(this, 'Rule', {
      description: `Object Created (${JSON.stringify(props.keys)}) to ${props.to.node.id}`,
      eventPattern: {
        source: ['aws.s3'],
        detailType: ['Object Created'],
        detail: { bucket: { name: [props.from.bucket.bucketName] }, object: { key: [props.keys] } },
      },
      // Without a dead-letter queue EventBridge drops what it cannot deliver within a day.
      targets: [new SqsQueue(props.to.queue, { deadLetterQueue: props.to.deadLetters })],
    });
  }
}
