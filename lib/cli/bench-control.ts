import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BenchOptions } from '../bench/index.ts';
import { type BenchDocument, BenchFile } from '../contracts/index.ts';
import { KnownError } from './errors.ts';

/** Runs and checks benches. */
export interface BenchControl {
  run(name: string, options: BenchOptions, tell: (line: string) => void): Promise<BenchDocument>;
  check(name: string, tell: (line: string) => void): Promise<BenchDocument>;
}

/** The benches of a checkout. */
export function createBenchControl(checkout: string, silent: boolean): BenchControl {
  async function find(name: string) {
    // Loaded on first use: a bench brings what it measures with it.
    const { BENCHES, findBench } = await import('../bench/index.ts');
    const bench = await findBench(name);
    if (bench) return bench;
    const known = Object.keys(BENCHES).join(', ');
    throw new KnownError('bench_unknown', `There is no bench ${name}. There are: ${known}.`);
  }
  function read(file: string, differences: string[]): BenchDocument {
    const bench = BenchFile.parse(JSON.parse(readFileSync(file, 'utf8')));
    return { document: 'bench', file, bench, differences };
  }
  async function attempt<T>(work: () => Promise<T>): Promise<T> {
    const { BenchProcessError } = await import('../bench/index.ts');
    try {
      return await work();
    } catch (error) {
      if (error instanceof BenchProcessError) throw new KnownError('bench_failed', error.message, { cause: error });
      throw error;
    }
  }
  return {
    async run(name, options, tell) {
      const bench = await find(name);
      return read(await attempt(() => bench.run(options, { checkout, silent, tell })), []);
    },
    async check(name, tell) {
      const bench = await find(name);
      const differences = await attempt(() => bench.check({ checkout, silent, tell }));
      return read(join(checkout, 'bench', `${name}.json`), differences);
    },
  };
}
