import { defineConfig } from 'vitest/config';

/** One project per kind of test (CONTRIBUTING.md says what each is for and how long it may take). */
const project = (name: string, testTimeout: number, options: object = {}) => ({
  test: { name, include: [`test/${name}/**/*.test.ts`], testTimeout, hookTimeout: testTimeout, ...options },
});

export default defineConfig({
  test: {
    projects: [
      project('unit', 5_000),
      project('contract', 20_000),
      // The CDK is slow to load: one copy of it serves all files of a worker.
      project('infra', 60_000, { isolate: false }),
      // One local cloud at a time: the machine it must run on has two cores.
      project('e2e', 900_000, { fileParallelism: false }),
    ],
  },
});
