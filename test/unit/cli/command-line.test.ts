import { describe, expect, it } from 'vitest';
import { COMMANDS } from '../../../lib/cli/commands.ts';
import { ErrorDocument, LocalDocument, StatusDocument, SubjectListDocument } from '../../../lib/contracts/index.ts';
import { campaignRow, FakeCloud, jobRow, subjectRow, type, uploadRow } from './fakes.ts';

describe('exit status', () => {
  it('is 0 for a command that did what it says', async () => {
    expect((await type(['local', 'status'])).status).toBe(0);
  });

  it('is 0 for help', async () => {
    const { status, answer } = await type(['--help']);
    expect(status).toBe(0);
    expect(answer).toContain('Exit status');
  });

  it.each([
    [['nonsense']],
    [['subject', 'add']],
    [['subject', 'show', 'a', 'b']],
    [['status', '--colour']],
    [['campaign']],
  ])('is 2 for wrong usage: %j', async (words) => {
    const { status, answer, aside } = await type(words);
    expect(status).toBe(2);
    expect(answer).toBe('');
    expect(aside).not.toBe('');
    expect(aside).not.toContain('    at ');
  });

  it('is 2 for a known error, told in a sentence', async () => {
    const { status, answer, aside } = await type(['subject', 'show', 'nobody']);
    expect({ status, answer }).toEqual({ status: 2, answer: '' });
    expect(aside).toBe('There is no subject nobody in the test. `troupe subject list` lists them.\n');
  });

  it('is 1 for an unknown error, told with its stack', async () => {
    const cloud = new FakeCloud();
    cloud.listRows = async () => {
      throw new TypeError('the table spoke in tongues');
    };
    const { status, aside } = await type(['status'], { cloud });
    expect(status).toBe(1);
    expect(aside).toMatch(/TypeError: the table spoke in tongues\n {4}at /);
  });
});

describe('--json', () => {
  it('prints one document of the contract and nothing else, wherever it stands', async () => {
    const cloud = new FakeCloud();
    cloud.rows = [subjectRow()];
    for (const words of [
      ['--json', 'subject', 'list'],
      ['subject', 'list', '--json'],
    ]) {
      const { answer } = await type(words, { cloud });
      expect(SubjectListDocument.parse(JSON.parse(answer)).subjects).toEqual([subjectRow()]);
    }
  });

  it.each([
    ['usage', ['nonsense'], 2],
    ['subject_unknown', ['subject', 'show', 'nobody'], 2],
  ])('tells a known error as a document: %s', async (code, words, expected) => {
    const { status, answer, aside } = await type(['--json', ...words]);
    expect(status).toBe(expected);
    expect(ErrorDocument.parse(JSON.parse(answer)).code).toBe(code);
    expect(aside).toBe('');
  });

  it('shows the local cloud', async () => {
    expect(LocalDocument.parse(JSON.parse((await type(['local', 'up', '--json'])).answer)).up).toBe(true);
    expect(LocalDocument.parse(JSON.parse((await type(['local', 'down', '--json'])).answer)).up).toBe(false);
  });
});

describe('status', () => {
  const cloud = new FakeCloud();
  const since = '2026-11-22T11:48:30.000Z';
  cloud.rows = [
    subjectRow(),
    subjectRow({
      subject: 'rusty',
      state: 'waiting',
      manifest: undefined,
      latestVersion: 0,
      wait: { code: 'manifest_missing', sentence: '5 pictures are here; subject.yaml is not.', since },
    }),
    campaignRow({
      campaign: 'autumn',
      state: 'waiting',
      wait: { code: 'subject_not_tuned', sentence: 'rusty is not tuned yet.', since },
    }),
    campaignRow({
      campaign: 'winter',
      state: 'failed',
      failure: { code: 'out_of_memory', sentence: 'The GPU ran out of memory.' },
    }),
    jobRow({ seconds: { load: 2, draw: 10.5 }, state: 'done' }),
    uploadRow('campains/x.yaml'),
  ].map((row) => JSON.parse(JSON.stringify(row)));

  it('says of every waiting thing why it waits and since when', async () => {
    const { answer } = await type(['status'], { cloud });
    expect(answer).toContain('subject rusty, for 11 min 30 s: 5 pictures are here; subject.yaml is not.');
    expect(answer).toContain('campaign autumn, for 11 min 30 s: rusty is not tuned yet.');
  });

  it('says of every failed and every refused thing why', async () => {
    const { answer } = await type(['status'], { cloud });
    expect(answer).toContain('campaign winter: The GPU ran out of memory.');
    expect(answer).toContain('campains/x.yaml: Uploads are');
    expect(answer).toMatch(/render\s+spring\s+done\s+2 min 00 s\s+12\.5/);
  });

  it('says the same to a script', async () => {
    const document = StatusDocument.parse(JSON.parse((await type(['status', '--json'], { cloud })).answer));
    expect(document.waits.map(({ of, name, code }) => [of, name, code])).toEqual([
      ['subject', 'rusty', 'manifest_missing'],
      ['campaign', 'autumn', 'subject_not_tuned'],
    ]);
    expect(document.refused).toHaveLength(1);
  });

  it('says that there is nothing when there is nothing', async () => {
    expect((await type(['status'])).answer).toBe('Subjects\n  none\n\nCampaigns\n  none\n\nJobs\n  none\n');
  });
});

it('every command is in the table once, with something to say about each of its arguments', () => {
  const names = COMMANDS.map(({ meta }) => meta.name);
  expect(new Set(names).size).toBe(names.length);
  for (const { meta, args } of COMMANDS) {
    expect(meta.about).not.toBe('');
    for (const argument of Object.values(args)) expect(argument.about).not.toBe('');
  }
});
