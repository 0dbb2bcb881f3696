import { Stack } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnScheduleGroup } from 'aws-cdk-lib/aws-scheduler';
import { Construct } from 'constructs';
import type { ScheduleHome } from '../contracts/index.ts';
import type { PipelineFunction } from './pipeline-function.ts';
import type { Variable } from './variable.ts';
import type { WorkQueue } from './work-queue.ts';

export interface CampaignSchedulesProps {
  readonly to: WorkQueue;
}

/** An arrow of the drawing: a group of schedules, made while Troupe runs, whose ticks become messages of one queue. */
export class CampaignSchedules extends Construct {
  readonly #group: CfnScheduleGroup;
  readonly #role: Role;
  readonly #to: WorkQueue;

  constructor(scope: Construct, id: string, { to }: CampaignSchedulesProps) {
    super(scope, id);
    this.#to = to;
    // Not the L2: it gives the group a name, and the same one in every stage of an account.
    this.#group = new CfnScheduleGroup(this, 'Group');
    // Of this account only: else anybody's schedule that guesses the role's name could send through it.
    const scheduler = new ServicePrincipal('scheduler.amazonaws.com').withConditions({
      StringEquals: { 'aws:SourceAccount': Stack.of(this).account, 'aws:SourceArn': this.#group.attrArn },
    });
    this.#role = new Role(this, 'Role', { assumedBy: scheduler });
    this.#role.addToPolicy(
      new PolicyStatement({
        actions: ['sqs:SendMessage'],
        resources: [to.queue.queueArn, to.deadLetters.queueArn],
      }),
    );
  }

  /** Let `fn` keep schedules in the group, and no others; it hands on the one role that they need, to the scheduler alone. */
  grantKeep(fn: PipelineFunction, variable: Variable): void {
    const ofGroup = Stack.of(this).formatArn({
      service: 'scheduler',
      resource: 'schedule',
      resourceName: `${this.#group.ref}/*`,
    });
    fn.addToRolePolicy(
      new PolicyStatement({
        actions: ['scheduler:CreateSchedule', 'scheduler:UpdateSchedule', 'scheduler:DeleteSchedule'],
        resources: [ofGroup],
      }),
    );
    fn.addToRolePolicy(
      new PolicyStatement({
        actions: ['iam:PassRole'],
        resources: [this.#role.roleArn],
        conditions: { StringEquals: { 'iam:PassedToService': 'scheduler.amazonaws.com' } },
      }),
    );
    const home: ScheduleHome = {
      group: this.#group.ref,
      role: this.#role.roleArn,
      queue: this.#to.queue.queueArn,
      deadLetters: this.#to.deadLetters.queueArn,
    };
    fn.addEnvironment(variable, Stack.of(this).toJsonString(home));
  }
}
