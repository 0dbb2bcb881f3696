import { describe, expect, it } from 'vitest';
import { follow, nameOf, ofType, synthesise } from './synth.ts';

const resources = synthesise();

describe('schedules', () => {
  it('send through a role that the scheduler takes for this account and this group alone', () => {
    const [role] = ofType(resources, 'AWS::IAM::Role').filter((one) => nameOf(one) === 'SchedulesRole');
    const [statement] = role?.properties.AssumeRolePolicyDocument.Statement ?? [];
    expect(statement.Principal).toEqual({ Service: 'scheduler.amazonaws.com' });
    expect(Object.keys(statement.Condition.StringEquals).sort()).toEqual(['aws:SourceAccount', 'aws:SourceArn']);
  });

  it('are kept by one function, which may hand on that role to the scheduler and to nobody else', () => {
    const passing = ofType(resources, 'AWS::IAM::Policy').filter(({ properties }) =>
      JSON.stringify(properties.PolicyDocument).includes('iam:PassRole'),
    );
    expect(passing).toHaveLength(1);
    const statements: { Action: unknown; Condition: unknown }[] = passing[0]?.properties.PolicyDocument.Statement;
    const condition = { StringEquals: { 'iam:PassedToService': 'scheduler.amazonaws.com' } };
    expect(statements.find(({ Action }) => Action === 'iam:PassRole')?.Condition).toEqual(condition);
  });

  it('know where ticks go that cannot be delivered', () => {
    const [planner] = ofType(resources, 'AWS::Lambda::Function').filter((one) => nameOf(one) === 'PlanCampaign');
    const home = planner?.properties.Environment.Variables.CAMPAIGN_SCHEDULES['Fn::Join'][1] as unknown[];
    const places = home.filter((part) => typeof part === 'object').map((part) => nameOf(follow(resources, part)));
    expect(places).toEqual(['SchedulesGroup', 'SchedulesRole', 'CampaignsWork', 'CampaignsDeadLetters']);
  });
});
