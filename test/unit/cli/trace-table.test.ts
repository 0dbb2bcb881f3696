import { describe, expect, it } from 'vitest';
import { followPicture, traceTable } from '../../../demo/trace-table.ts';
import type { TraceEntry } from '../../../lib/local/index.ts';

const QUEUE = (name: string) => `troupe-trial-${name}QueueF0E1D2C3-01234567`;
const FUNCTION = (name: string) => `troupe-trial-${name}F0E1D2C3-01234567`;
const time = (second: number) => new Date(1_700_000_000_000 + second * 1_000).toISOString();
const entries: Omit<TraceEntry, 'time'>[] = [
  { hop: 'object.created', bucket: 'intake', objectKey: 'subjects/mina/front.png', eventId: 'e0' },
  { hop: 'object.created', bucket: 'intake', objectKey: 'subjects/mina/subject.yaml', eventId: 'e1' },
  { hop: 'event.routed', rule: 'r', queue: QUEUE('Uploads'), eventId: 'e0', messageId: 'm0' },
  { hop: 'event.routed', rule: 'r', queue: QUEUE('Uploads'), eventId: 'e1', messageId: 'm1' },
  {
    hop: 'function.invoked',
    function: FUNCTION('IngestUpload'),
    pid: 1,
    requestId: 'q1',
    queue: QUEUE('Uploads'),
    messageIds: ['m0', 'm1'],
  },
  {
    hop: 'function.invoked',
    function: FUNCTION('StartJob'),
    pid: 2,
    requestId: 'q2',
    queue: QUEUE('Tuning'),
    messageIds: ['m2'],
  },
  {
    hop: 'job.submitted',
    function: FUNCTION('StartJob'),
    requestId: 'q2',
    pid: 2,
    jobId: 'b1',
    jobName: 'job_1',
    jobQueue: 'gpu',
  },
  { hop: 'job.started', jobId: 'b1', jobName: 'job_1', attempt: 1, pid: 3 },
  {
    hop: 'object.created',
    bucket: 'library',
    objectKey: 'subjects/mina/versions/1/adapter.safetensors',
    eventId: 'e2',
  },
  { hop: 'job.ended', jobId: 'b1', jobName: 'job_1', pid: 3, outcome: 'succeeded', exitCode: 0 },
  {
    hop: 'event.routed',
    rule: 'r',
    queue: QUEUE('JobChanges'),
    detailType: 'Batch Job State Change',
    messageId: 'm3',
    eventId: 'e3',
  },
  {
    hop: 'function.invoked',
    function: FUNCTION('RecordJob'),
    pid: 4,
    requestId: 'q3',
    queue: QUEUE('JobChanges'),
    messageIds: ['m3'],
  },
  {
    hop: 'function.invoked',
    function: FUNCTION('PlanCampaign'),
    pid: 5,
    requestId: 'q4',
    queue: QUEUE('Campaigns'),
    messageIds: ['m4'],
  },
  {
    hop: 'function.invoked',
    function: FUNCTION('StartJob'),
    pid: 2,
    requestId: 'q5',
    queue: QUEUE('Render'),
    messageIds: ['m5'],
  },
  {
    hop: 'job.submitted',
    function: FUNCTION('StartJob'),
    requestId: 'q5',
    pid: 2,
    jobId: 'b2',
    jobName: 'job_2',
    jobQueue: 'gpu',
  },
  { hop: 'job.started', jobId: 'b2', jobName: 'job_2', attempt: 1, pid: 6 },
  { hop: 'object.created', bucket: 'library', objectKey: 'campaigns/spring/variants/c.png', eventId: 'e4' },
  { hop: 'event.routed', rule: 'r', queue: QUEUE('Variants'), eventId: 'e4', messageId: 'm6' },
  {
    hop: 'function.invoked',
    function: FUNCTION('GateVariants'),
    pid: 7,
    requestId: 'q6',
    queue: QUEUE('Variants'),
    messageIds: ['m6'],
  },
  { hop: 'job.ended', jobId: 'b2', jobName: 'job_2', pid: 6, outcome: 'succeeded', exitCode: 0 },
  {
    hop: 'event.routed',
    rule: 'r',
    queue: QUEUE('JobChanges'),
    detailType: 'Batch Job State Change',
    messageId: 'm7',
    eventId: 'e5',
  },
  {
    hop: 'function.invoked',
    function: FUNCTION('RecordJob'),
    pid: 4,
    requestId: 'q7',
    queue: QUEUE('JobChanges'),
    messageIds: ['m7'],
  },
];
const trace = entries.map((entry, second): TraceEntry => ({ time: time(second), ...entry }));
const journey = {
  manifestKey: 'subjects/mina/subject.yaml',
  adapterKey: 'subjects/mina/versions/1/adapter.safetensors',
  pictureKey: 'campaigns/spring/variants/c.png',
  largeKey: 'campaigns/spring/large/c.png',
  tuneJob: 'job_1',
  renderJob: 'job_2',
};

describe('the way of one picture', () => {
  it('goes by ids from the uploaded manifest to the scores', () => {
    const lines = followPicture(trace, journey);
    expect(lines.map(({ what }) => what)).toEqual([
      ...['S3 object', 'EventBridge → SQS', 'SQS → Lambda'],
      ...[
        'SQS → Lambda',
        'Lambda → Batch',
        'Batch → worker',
        'S3 object',
        'worker ended',
        'EventBridge → SQS',
        'SQS → Lambda',
      ],
      ...['SQS → Lambda', 'SQS → Lambda', 'Lambda → Batch', 'Batch → worker'],
      ...['S3 object', 'EventBridge → SQS', 'SQS → Lambda', 'worker ended', 'EventBridge → SQS', 'SQS → Lambda'],
    ]);
    // Every hop but the upload of another picture is on the way.
    expect(lines.map(({ entry }) => entry)).toEqual(trace.filter(({ eventId }) => eventId !== 'e0'));
  });

  it('ends where people look at it, when it was enlarged', () => {
    const at = trace.findIndex(({ requestId }) => requestId === 'q6') + 1;
    const large: TraceEntry = { time: time(at), hop: 'object.created', objectKey: journey.largeKey, eventId: 'e9' };
    const lines = followPicture(trace.toSpliced(at, 0, large), journey);
    const shown = lines.findIndex(({ entry }) => entry === large);
    expect(lines[shown - 1]?.entry?.requestId).toBe('q6');
    expect(lines.filter(({ entry }) => entry !== large)).toEqual(followPicture(trace, journey));
  });

  it('is shown with names as the template gives them', () => {
    const table = traceTable(followPicture(trace, journey));
    expect(table).toMatch(/UploadsQueue → IngestUpload\s+1\s+message m1 {2}request q1/);
    expect(table).not.toContain('01234567');
  });

  it('says of a hop that did not happen that it was not seen', () => {
    const table = traceTable(followPicture(trace.slice(0, 5), journey));
    expect(table.match(/not seen/g)).toHaveLength(17);
  });
});
