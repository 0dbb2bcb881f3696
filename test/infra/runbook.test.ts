import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { AGAIN } from '../../functions/record-job/describe-end.ts';
import { SweepDue } from '../../lib/contracts/index.ts';
import { follow, ofType, synthesise, theOne } from './synth.ts';

const alarms = ofType(synthesise(), 'AWS::CloudWatch::Alarm').map(({ properties }) => properties);
const nameOf = ({ AlarmDescription }: { AlarmDescription: string }) => AlarmDescription.split(':')[0];

describe('the runbook', () => {
  const entries = readFileSync('RUNBOOK.md', 'utf8').split(/^## /m).slice(1);

  it('has one entry for each alarm, and none for what is no alarm', () => {
    expect(entries.map((entry) => entry.split('\n')[0]).sort()).toEqual(alarms.map(nameOf).sort());
  });

  it('says of each what it means, where to look and how to mend it', () => {
    for (const entry of entries) expect(entry).toMatch(/\*\*Means\*\*[\s\S]*\*\*Look\*\*[\s\S]*\*\*Mend\*\*/);
  });

  it('has a failed job tried again in the words of its failure, and sends the sweep what it takes', () => {
    const entryOf = (name: string) => entries.find((entry) => entry.startsWith(name))?.replace(/\s+/g, ' ') ?? '';
    for (const sentence of Object.values(AGAIN)) expect(entryOf('Jobs fail')).toContain(sentence);
    const [, message = ''] = /`(\{[^`]+\})`/.exec(entryOf('The sweep does not run')) ?? [];
    expect(SweepDue.safeParse(JSON.parse(message)).success).toBe(true);
  });

  it('is named by every alarm, and every alarm tells somebody', () => {
    for (const alarm of alarms) {
      expect(alarm.AlarmDescription).toContain(`See RUNBOOK.md, "${nameOf(alarm)}".`);
      expect(alarm.AlarmActions).toHaveLength(1);
    }
  });
});

describe('alarms', () => {
  it('may speak to their topic: its own policy takes the place of the one that SNS would give it', () => {
    const topic = theOne(synthesise(), 'AWS::SNS::Topic');
    const { Topics, PolicyDocument } = theOne(synthesise(), 'AWS::SNS::TopicPolicy').properties;
    expect(Topics).toEqual([{ Ref: topic.id }]);
    expect(PolicyDocument.Statement.filter(({ Effect }: { Effect: string }) => Effect === 'Allow')).toMatchObject([
      {
        Action: 'sns:Publish',
        Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
        Effect: 'Allow',
        Principal: { Service: 'cloudwatch.amazonaws.com' },
        Resource: { Ref: topic.id },
      },
    ]);
    expect(alarms.every(({ AlarmActions }) => follow(synthesise(), AlarmActions[0]).id === topic.id)).toBe(true);
  });

  it('take silence of the sweep for bad news, and of everything else for good', () => {
    const breaching = alarms.filter(({ TreatMissingData }) => TreatMissingData === 'breaching');
    expect(breaching.map(nameOf)).toEqual(['The sweep does not run']);
  });

  it('ring when a message has waited half of the time that its queue keeps it', () => {
    const work = ofType(synthesise(), 'AWS::SQS::Queue').filter(({ properties }) => properties.RedrivePolicy);
    const ages = alarms.filter(({ MetricName }) => MetricName === 'ApproximateAgeOfOldestMessage');
    expect(ages).toHaveLength(work.length);
    expect(ages.every(({ Threshold }) => Threshold === work[0]?.properties.MessageRetentionPeriod / 2)).toBe(true);
  });
});
