import type { Duration } from 'aws-cdk-lib';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import { Construct } from 'constructs';
import type { WorkQueue } from './work-queue.ts';

export interface SweepClockProps {
  readonly every: Duration;
  readonly to: WorkQueue;
}

/** An arrow of the drawing: at every tick the sweep is due. */
export class SweepClock extends Construct {
  constructor(scope: Construct, id: string, { every, to }: SweepClockProps) {
    super(scope, id);
    new Rule(this, 'Rule', {
      description: `Every ${every.toMinutes()} minutes to ${to.node.id}`,
      schedule: Schedule.rate(every),
      targets: [new SqsQueue(to.queue, { deadLetterQueue: to.deadLetters })],
    });
  }
}
