import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Bench, BenchPlace } from './bench.ts';

/** The bench's own process failed; what it said is on the terminal. */
export class BenchProcessError extends Error {}

/** A bench of `troupe_bench`, run by the checkout's Python. */
export function pythonBench(name: string, about: string): Bench {
  return {
    about,
    async run({ seed, quick, only, resume }, place) {
      const flags = [
        ...(quick ? ['--quick'] : []),
        ...(resume ? [] : ['--fresh']),
        ...only.flatMap((id) => ['--only', id]),
      ];
      const lines = await runPython(['run', name, '--seed', String(seed), ...flags], place);
      const file = lines.at(-1);
      if (file === undefined) throw new BenchProcessError(`The bench ${name} ended without naming its results.`);
      return join(place.checkout, file);
    },
    check: (place) => runPython(['check', name], place),
  };
}

function runPython(words: string[], { checkout, silent }: BenchPlace): Promise<string[]> {
  const python = join(checkout, '.venv/bin/python');
  if (!existsSync(python))
    throw new BenchProcessError('There is no .venv in the checkout. Make it with `npm run setup`.');
  // The bench times the reader in this Node, and must not meet an older one.
  const path = [join(process.execPath, '..'), process.env.PATH ?? ''].join(delimiter);
  const child = spawn(python, ['-m', 'troupe_bench', ...words], {
    cwd: checkout,
    env: { TROUPE_MODELS: join(checkout, 'models'), ...process.env, PATH: path },
    stdio: ['ignore', 'pipe', silent ? 'ignore' : 'inherit'],
  });
  let said = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status) => {
      if (status === 0) resolve(said.split('\n').filter((line) => line !== ''));
      else reject(new BenchProcessError(`\`troupe_bench ${words.join(' ')}\` left with status ${status}.`));
    });
  });
}
