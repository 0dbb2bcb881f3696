import { Duration, Stack } from 'aws-cdk-lib';
import {
  Alarm,
  ComparisonOperator,
  Dashboard,
  GraphWidget,
  type IMetric,
  MathExpression,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { FilterPattern, MetricFilter } from 'aws-cdk-lib/aws-logs';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import type { PipelineFunction } from './pipeline-function.ts';
import type { WorkQueue } from './work-queue.ts';

export interface WatchProps {
  readonly queues: Readonly<Record<string, WorkQueue>>;
  readonly functions: Readonly<Record<string, PipelineFunction>>;
  /** The function that says `job.failed` and `job.moved_on_demand`. */
  readonly recorder: PipelineFunction;
  readonly sweep: PipelineFunction;
}

interface Watched {
  readonly metric: IMetric;
  readonly over: number;
  /** What it means, in a sentence; RUNBOOK.md says what to do. */
  readonly means: string;
  /** How many five-minute periods it must hold. */
  readonly periods?: number;
  readonly under?: boolean;
}

const PERIOD = Duration.minutes(5);
/** A message that is older than half of what its queue keeps is on its way to being lost. */
const OLD_SHARE = 0.5;

/** What a person is told of, and one page that shows how the pipeline stands. Every alarm has its entry in RUNBOOK.md. */
export class Watch extends Construct {
  readonly topic: Topic;
  readonly #alarms: Alarm[] = [];

  constructor(scope: Construct, id: string, { queues, functions, recorder, sweep }: WatchProps) {
    super(scope, id);
    this.topic = new Topic(this, 'Alarms', { enforceSSL: true });
    // The refusal of plain text is a policy, and a policy takes the place of the one by which SNS lets the account's own alarms speak.
    this.topic.addToResourcePolicy(
      new PolicyStatement({
        principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['sns:Publish'],
        resources: [this.topic.topicArn],
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
    );
    for (const [name, queue] of Object.entries(queues)) this.watchQueue(name, queue);
    for (const [name, fn] of Object.entries(functions)) {
      this.watch(`${name} fails`, {
        metric: fn.metricErrors({ period: PERIOD, statistic: 'Sum' }),
        over: 0,
        means: `The function ${name} ended with an error that it does not know.`,
      });
    }
    this.watch('Functions are held back', {
      metric: new MathExpression({
        expression: 'SUM(METRICS())',
        label: 'Throttles',
        period: PERIOD,
        usingMetrics: Object.fromEntries(
          Object.values(functions).map((fn, index) => [
            `m${index}`,
            fn.metricThrottles({ period: PERIOD, statistic: 'Sum' }),
          ]),
        ),
      }),
      over: 0,
      // One call that waits a moment is no news: it was asked for again.
      periods: 3,
      means: 'Lambda refuses to run them: the account’s concurrency is used up.',
    });
    this.watch('Jobs fail', {
      metric: this.countEvents('JobsFailed', recorder, 'job.failed'),
      over: 0,
      means: 'A job on the GPU failed for good; its subject or campaign says why.',
    });
    this.watch('No spot machines', {
      metric: this.countEvents('JobsMoved', recorder, 'job.moved_on_demand'),
      over: 0,
      means: 'Spot had no GPU machine for hours: jobs now run at full price.',
    });
    this.watch('The sweep does not run', {
      metric: sweep.metricInvocations({ period: Duration.hours(1), statistic: 'Sum' }),
      over: 1,
      under: true,
      means: 'What lost events leave behind is not found any more.',
    });
    this.draw(queues, functions);
  }

  private watchQueue(name: string, { queue, deadLetters, keptFor }: WorkQueue): void {
    this.watch(`${name} has dead letters`, {
      metric: deadLetters.metricApproximateNumberOfMessagesVisible({ period: PERIOD, statistic: 'Maximum' }),
      over: 0,
      means: `Something in ${name} failed five times, or could not be delivered.`,
    });
    this.watch(`${name} waits too long`, {
      metric: queue.metricApproximateAgeOfOldestMessage({ period: PERIOD, statistic: 'Maximum' }),
      over: OLD_SHARE * keptFor.toSeconds(),
      means: `A message has waited in ${name} for half of the time after which it is dropped.`,
    });
  }

  private watch(name: string, { metric, over, means, periods = 1, under = false }: Watched): void {
    const alarm = new Alarm(this, name.replaceAll(' ', ''), {
      // The name is CloudFormation's: two stages stand in one account. What people look for is in front of the description.
      alarmDescription: `${name}: ${means} See RUNBOOK.md, "${name}".`,
      metric,
      threshold: over,
      evaluationPeriods: periods,
      comparisonOperator: under ? ComparisonOperator.LESS_THAN_THRESHOLD : ComparisonOperator.GREATER_THAN_THRESHOLD,
      // No news of a thing that fails is good news; no news of the sweep is the news.
      treatMissingData: under ? TreatMissingData.BREACHING : TreatMissingData.NOT_BREACHING,
    });
    alarm.addAlarmAction(new SnsAction(this.topic));
    this.#alarms.push(alarm);
  }

  /** Count the lines of a function's log that tell of `event`. */
  private countEvents(id: string, fn: PipelineFunction, event: string): IMetric {
    const filter = new MetricFilter(this, id, {
      logGroup: fn.logGroup,
      filterPattern: FilterPattern.stringValue('$.event', '=', event),
      metricNamespace: 'Troupe',
      // Two stages of one account write into the same namespace.
      metricName: `${Stack.of(this).stackName}-${id}`,
      metricValue: '1',
    });
    return filter.metric({ period: PERIOD, statistic: 'Sum' });
  }

  private draw(queues: WatchProps['queues'], functions: WatchProps['functions']): void {
    const page = new Dashboard(this, 'Dashboard');
    const graph = (title: string, left: IMetric[]) => new GraphWidget({ title, left, width: 12 });
    const named = Object.entries(queues);
    page.addWidgets(
      graph(
        'Messages that wait',
        named.map(([label, { queue }]) => queue.metricApproximateNumberOfMessagesVisible({ label })),
      ),
      graph(
        'Dead letters',
        named.map(([label, { deadLetters }]) => deadLetters.metricApproximateNumberOfMessagesVisible({ label })),
      ),
    );
    const running = Object.entries(functions);
    page.addWidgets(
      graph(
        'Seconds of the slowest tenth',
        running.map(([label, fn]) => fn.metricDuration({ label, statistic: 'p90' })),
      ),
      graph(
        'Errors',
        running.map(([label, fn]) => fn.metricErrors({ label })),
      ),
    );
  }
}
