import { Duration } from 'aws-cdk-lib';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import type { Construct } from 'constructs';
import { PipelineFunction, type PipelineFunctionProps } from './pipeline-function.ts';
import type { WorkQueue } from './work-queue.ts';

export interface QueueFedFunctionProps extends Omit<PipelineFunctionProps, 'timeout'> {
  readonly from: readonly WorkQueue[];
  /** Messages handed over at once; at most 10, which needs no waiting. */
  readonly batch: number;
  /** Copies that may run at once for each queue; AWS takes 2 to 1,000. */
  readonly copies: number;
}

/** A function that does a queue's work. It has the time that its queues allow, and answers for each message apart. */
export class QueueFedFunction extends PipelineFunction {
  constructor(scope: Construct, id: string, { from, batch, copies, ...props }: QueueFedFunctionProps) {
    const allowed = from.map((queue) => queue.handledWithin.toSeconds());
    super(scope, id, { ...props, timeout: Duration.seconds(Math.min(...allowed)) });
    for (const { queue } of from) {
      this.addEventSource(
        new SqsEventSource(queue, { batchSize: batch, maxConcurrency: copies, reportBatchItemFailures: true }),
      );
    }
  }
}
