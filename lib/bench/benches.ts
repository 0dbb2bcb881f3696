import type { Bench } from './bench.ts';

/** Every bench: one file and one row here. Loaded when asked for. */
export const BENCHES: Readonly<Record<string, () => Promise<Bench>>> = {};

export async function findBench(name: string): Promise<Bench | undefined> {
  return Object.hasOwn(BENCHES, name) ? BENCHES[name]?.() : undefined;
}
