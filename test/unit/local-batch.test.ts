import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readEnding } from '../../lib/local/batch/attempt.ts';
import { substituteParameters } from '../../lib/local/batch/command.ts';
import { commandLine, programOf } from '../../lib/local/batch/images.ts';
import { type Job, parentState } from '../../lib/local/batch/job.ts';
import { exitRules, shouldRetry } from '../../lib/local/batch/retry.ts';
import { readSubmission } from '../../lib/local/batch/submit.ts';
import { type Blueprint, emptyBlueprint } from '../../lib/local/blueprint.ts';

describe('retry rules', () => {
  const strategy = {
    attempts: 3,
    evaluateOnExit: exitRules([
      { action: 'retry', onStatusReason: 'Host EC2*' },
      { action: 'RETRY', onExitCode: '75' },
      { action: 'EXIT', onStatusReason: '*' },
    ]),
  };
  const ending = (exitCode: number | undefined, statusReason = 'Essential container in task exited') => ({
    exitCode,
    statusReason,
    reason: undefined,
  });

  test.each([
    ['the first rule that matches decides', 1, ending(75), true],
    ['a reason may begin like the pattern', 1, ending(1, 'Host EC2 (instance i-1) terminated.'), true],
    ['the last rule ends the rest', 1, ending(42), false],
    ['the last attempt is the last', 3, ending(75), false],
  ])('%s', (_what, attempts, end, expected) => {
    expect(shouldRetry(strategy, attempts, end)).toBe(expected);
  });

  test('what no rule matches is tried again', () => {
    const oneRule = { attempts: 2, evaluateOnExit: exitRules([{ action: 'EXIT', onExitCode: '42' }]) };
    expect(shouldRetry(oneRule, 1, ending(1))).toBe(true);
    expect(shouldRetry(oneRule, 1, ending(42))).toBe(false);
    expect(shouldRetry({ attempts: 2, evaluateOnExit: [] }, 1, ending(1))).toBe(true);
  });

  test('all conditions of a rule must match, and a rule on the exit code needs one', () => {
    const both = { attempts: 2, evaluateOnExit: exitRules([{ action: 'EXIT', onExitCode: '1', onReason: 'Out*' }]) };
    expect(shouldRetry(both, 1, { ...ending(1), reason: 'OutOfMemory' })).toBe(false);
    expect(shouldRetry(both, 1, ending(1))).toBe(true);
    const anyCode = { attempts: 2, evaluateOnExit: exitRules([{ action: 'EXIT', onExitCode: '1*' }]) };
    expect(shouldRetry(anyCode, 1, ending(undefined))).toBe(true);
  });

  test('a sixth rule is refused', () => {
    expect(() => exitRules(Array.from({ length: 6 }, () => ({ action: 'EXIT' })))).toThrow(/6 rules/);
  });
});

test('a signal is reported as a container runtime does', () => {
  expect(readEnding({ code: undefined, signal: 'SIGKILL', error: undefined }).exitCode).toBe(137);
  expect(readEnding({ code: undefined, signal: 'SIGTERM', error: undefined }).exitCode).toBe(143);
  const never = readEnding({ code: undefined, signal: undefined, error: new Error('ENOENT') });
  expect(never).toMatchObject({ exitCode: undefined, reason: 'CannotStartContainerError: ENOENT' });
});

test('parameters take the place of whole words; a word without a value stays', () => {
  expect(substituteParameters(['Ref::a', '--x', 'aRef::a', 'Ref::b'], { a: '1' })).toEqual([
    '1',
    '--x',
    'aRef::a',
    'Ref::b',
  ]);
});

test('an array waits for all its children and fails with any', () => {
  const children = (...states: Job['state'][]) => states.map((state) => ({ state }) as Job);
  expect(parentState(children('SUCCEEDED', 'RUNNING'))).toBe('PENDING');
  expect(parentState(children('SUCCEEDED', 'SUCCEEDED'))).toBe('SUCCEEDED');
  expect(parentState(children('FAILED', 'SUCCEEDED'))).toBe('FAILED');
});

describe('a submission', () => {
  const blueprint: Blueprint = {
    ...emptyBlueprint(),
    jobQueues: [
      {
        name: 'q',
        arn: 'arn:aws:batch:r:1:job-queue/q',
        priority: 1,
        enabled: true,
        computeEnvironments: [],
        schedulingPolicyArn: undefined,
      },
    ],
    jobDefinitions: [
      {
        name: 'd',
        arn: 'arn:aws:batch:r:1:job-definition/d:1',
        image: 'i',
        command: [],
        environment: {},
        parameters: {},
        resourceRequirements: [],
        logGroup: 'g',
        logPrefix: 'p',
        retryStrategy: { attempts: 2, evaluateOnExit: [] },
        timeoutSeconds: undefined,
      },
    ],
  };
  const request = { jobName: 'n', jobQueue: 'q', jobDefinition: 'd' };

  test('finds queue and definition by name or address', () => {
    const addresses = {
      jobQueue: 'arn:aws:batch:r:1:job-queue/q',
      jobDefinition: 'arn:aws:batch:r:1:job-definition/d',
    };
    for (const wanted of [request, { ...request, ...addresses }, { ...request, jobDefinition: 'd:1' }]) {
      expect(readSubmission(wanted, blueprint)).toMatchObject({ name: 'n', retryStrategy: { attempts: 2 } });
    }
  });

  test('makes children with the parent’s id and an index', () => {
    const job = readSubmission({ ...request, arrayProperties: { size: 2 } }, blueprint);
    expect(job.children?.map(({ id, index }) => [id, index])).toEqual([
      [`${job.id}:0`, 0],
      [`${job.id}:1`, 1],
    ]);
  });

  test.each([
    ['an unknown queue', { jobQueue: 'x' }, /JobQueue x/],
    ['an unknown definition', { jobDefinition: 'x' }, /JobDefinition x/],
    ['an array of one', { arrayProperties: { size: 1 } }, /between 2 and 10000/],
    ['an array of more than 10,000', { arrayProperties: { size: 10_001 } }, /between 2 and 10000/],
    ['a name with a space', { jobName: 'a b' }, /not valid/],
    ['a dependency', { dependsOn: [{ jobId: 'x' }] }, /dependsOn/],
    ['a timeout below a minute', { timeout: { attemptDurationSeconds: 5 } }, /at least 60/],
  ])('refuses %s', (_what, change, message) => {
    expect(() => readSubmission({ ...request, ...change }, blueprint)).toThrow(message);
  });
});

describe('an image', () => {
  let directory: string;
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'image-'));
    mkdirSync(join(directory, 'deep', 'program'), { recursive: true });
    writeFileSync(
      join(directory, 'Dockerfile'),
      'FROM x\nENTRYPOINT ["old"]\nENTRYPOINT ["python3", "-m", \\\n "program"]\n',
    );
  });
  afterAll(() => rmSync(directory, { recursive: true }));

  const find = (holds: string) =>
    programOf('1.dkr.ecr/x:hash', { images: new Map([['hash', { directory, dockerFile: 'Dockerfile' }]]) }, [
      { holds, interpreter: '/venv/bin/python' },
    ]);

  test('is started by its own entry point in our interpreter, where its program lies', () => {
    const program = find('deep/program');
    expect(program.cwd).toBe(join(directory, 'deep'));
    expect(commandLine(program, ['draw'])).toEqual(['/venv/bin/python', '-m', 'program', 'draw']);
  });

  test('that nobody knows how to run is an error, and so is one of no asset', () => {
    expect(() => find('elsewhere')).toThrow(/elsewhere/);
    expect(() => programOf('x:other', { images: new Map() }, [])).toThrow(/no image asset/);
  });
});
