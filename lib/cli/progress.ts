import { MultiBar, Presets, type SingleBar } from 'cli-progress';
import { inWords } from './words.ts';

/** How far one thing is. `of` is 0 while nobody knows how far there is to go. */
export interface Step {
  name: string;
  words: string;
  done: number;
  of: number;
  secondsLeft?: number | null | undefined;
}

/** Shows steps to whoever watches. */
export interface Progress {
  show(steps: readonly Step[]): void;
  stop(): void;
}

/** One bar per step, redrawn in place: only for a terminal. */
export function createBars(stream: NodeJS.WriteStream): Progress {
  const bars = new Map<string, SingleBar>();
  const screen = new MultiBar(
    {
      stream,
      format: '  {name} {bar} {percent}  {words}',
      hideCursor: false,
      gracefulExit: false,
      clearOnComplete: false,
      stopOnComplete: false,
      linewrap: false,
      barsize: 24,
      autopadding: true,
    },
    Presets.shades_classic,
  );
  return {
    show(steps) {
      const width = Math.max(...steps.map((step) => step.name.length), 0);
      for (const step of steps) {
        const bar = bars.get(step.name) ?? screen.create(1, 0, { name: step.name, words: '', percent: '' });
        bars.set(step.name, bar);
        bar.setTotal(Math.max(step.of, 1));
        const percent = step.of === 0 ? '    ' : `${String(Math.round((100 * step.done) / step.of)).padStart(3)}%`;
        bar.update(step.of === 0 ? 0 : step.done, { name: step.name.padEnd(width), percent, words: withTime(step) });
      }
    },
    stop: () => screen.stop(),
  };
}

/** A line whenever a step says something new or another quarter is done: for logs and pipes. */
export function createLines(write: (line: string) => void): Progress {
  const said = new Map<string, string>();
  return {
    show(steps) {
      for (const step of steps) {
        const quarter = step.of === 0 ? 0 : Math.floor((4 * step.done) / step.of);
        const now = `${step.words.replace(/\d+/g, '#')} ${quarter}`;
        if (said.get(step.name) === now) continue;
        said.set(step.name, now);
        const share = step.of === 0 ? '' : ` ${step.done}/${step.of}`;
        write(`  ${step.name}:${share} ${withTime(step)}`);
      }
    },
    stop: () => {},
  };
}

export const createSilence = (): Progress => ({ show: () => {}, stop: () => {} });

function withTime({ words, secondsLeft }: Step): string {
  return secondsLeft === undefined || secondsLeft === null ? words : `${words}, ${inWords(secondsLeft)} left`;
}
