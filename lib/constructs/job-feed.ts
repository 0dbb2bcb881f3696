import { Rule } from 'aws-cdk-lib/aws-events';
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import { Construct } from 'constructs';
import { NO_MACHINE } from '../contracts/environment.ts';
import type { GpuCompute } from './gpu-compute.ts';
import type { WorkQueue } from './work-queue.ts';

export interface JobFeedProps {
  readonly from: GpuCompute;
  readonly to: WorkQueue;
}

/**
 * An arrow of the drawing: every job that ends becomes a message; an array job is one. Its shards are none, but for those that
 * Batch gave up on for want of a machine: only shards wait for machines, and their parent's end does not say it.
 */
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
          $or: [
            // A shard's id is `parent:index`, and ten thousand of them may end.
            { jobId: [{ 'anything-but': { wildcard: '*:*' } }] },
            { statusReason: [{ wildcard: `*${NO_MACHINE}*` }] },
          ],
        },
      },
      targets: [new SqsQueue(props.to.queue, { deadLetterQueue: props.to.deadLetters })],
    });
  }
}
