import { describe, expect, it } from 'vitest';
import { createLines } from '../../../lib/cli/progress.ts';
import { formatTable, inWords, progressInWords, section } from '../../../lib/cli/words.ts';
import { JOB } from './fakes.ts';

describe('words', () => {
  it.each([
    [0.2, '0 s'],
    [59.4, '59 s'],
    [61, '1 min 01 s'],
    [3_725, '1 h 02 min'],
    [90_000, '1 d 1 h'],
    [-5, '0 s'],
  ])('%d seconds are %s', (seconds, words) => expect(inWords(seconds)).toBe(words));

  it('say how far a job is, and the time left only when it is known', () => {
    const progress = { job: JOB, phase: 'tuning', step: 3, of: 9, secondsLeft: 80 };
    expect(progressInWords(progress)).toBe('tuning 3/9, 1 min 20 s left');
    expect(progressInWords({ ...progress, secondsLeft: null })).toBe('tuning 3/9');
  });
});

describe('a table', () => {
  it('aligns its columns, cuts nothing and leaves no spaces at the end', () => {
    expect(
      formatTable(
        ['a', 'name'],
        [
          ['longer', 'x'],
          ['b', ''],
        ],
      ),
    ).toBe('a       name\nlonger  x\nb');
  });

  it('is not shown without rows', () => expect(section('Jobs', ['job'], [])).toEqual([]));
});

it('without a terminal a step says a line when its words change and at each quarter', () => {
  const lines: string[] = [];
  const progress = createLines((line) => lines.push(line));
  for (let done = 0; done <= 100; done += 1)
    progress.show([{ name: 'mina', words: 'tuning', done, of: 100, secondsLeft: 100 - done }]);
  progress.show([{ name: 'mina', words: 'tuned', done: 1, of: 1 }]);
  expect(lines).toEqual([
    '  mina: 0/100 tuning, 1 min 40 s left',
    '  mina: 25/100 tuning, 1 min 15 s left',
    '  mina: 50/100 tuning, 50 s left',
    '  mina: 75/100 tuning, 25 s left',
    '  mina: 100/100 tuning, 0 s left',
    '  mina: 1/1 tuned',
  ]);
});
