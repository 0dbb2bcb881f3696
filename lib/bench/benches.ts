import type { Bench } from './bench.ts';
import { pythonBench } from './python-bench.ts';

/** Every bench: one file and one row here. Loaded when asked for. */
export const BENCHES: Readonly<Record<string, () => Promise<Bench>>> = {
  base: async () => pythonBench('base', 'the instruments and the base model'),
  ingest: async () => (await import('./ingest/index.ts')).ingestBench,
  oneactor: async () => pythonBench('oneactor', 'OneActor against its baselines'),
  pipeline: async () => (await import('./pipeline/index.ts')).pipelineBench,
};

export async function findBench(name: string): Promise<Bench | undefined> {
  return Object.hasOwn(BENCHES, name) ? BENCHES[name]?.() : undefined;
}
