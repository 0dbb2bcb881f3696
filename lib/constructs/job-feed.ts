import { Rule } from 'aws-cdk-lib/aws-events';
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import { Construct } from 'constructs';
import type { GpuCompute } from './gpu-compute.ts';
import type { WorkQueue } from './work-queue.ts';

export interface JobFeedProps {
  readonly from: GpuCompute;
  readonly to: WorkQueue;
}

/** An arrow of the drawing: every job that ends becomes a message; an array job is one, its shards are none. */
export class JobFeed extends Construct {
  constructor(scope: Construct, id: string, props: JobFeedProps) {
    super(scope, id);
    new Rule(this, 'Rule', {
      description: `Batch jobs that ended to ${props.to.node.id}`,
      eventPattern: {
        source: ['aws.batch'],
        detailType: ['Batch Job State Change'],
        detail: {
          jobQueue: [props.from.spot.jobQueueArn, props.from.onDemand.jobQueueArn],
          status: ['SUCCEEDED', 'FAILED'],
          // A shard's id is `parent:index`, and ten thousand of them may end.
          jobId: [{ 'anything-but': { wildcard: '*:*' } }],
        },
      },
      targets: [new SqsQueue(props.to.queue, { deadLetterQueue: props.to.deadLetters })],
    });
  }
}
