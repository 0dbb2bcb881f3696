import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * `npm test`: every kind of test, one after another on two cores, cheapest first, and one line of counts at the end.
 * `npm test -- unit python` runs only the named kinds.
 */
type Counts = { passed: number; failed: number; skipped: number };
type Kind = {
  name: string;
  command: (report: string) => string[];
  count: (report: string, exitCode: number) => Counts;
};

const byExit = (_: string, exitCode: number): Counts => ({
  passed: exitCode === 0 ? 1 : 0,
  failed: exitCode === 0 ? 0 : 1,
  skipped: 0,
});

function countVitest(report: string): Counts {
  const result = JSON.parse(readFileSync(report, 'utf8'));
  // A file that could not be loaded has no tests of its own to fail.
  const brokenFiles = result.testResults.filter(
    (file: { status: string; assertionResults: unknown[] }) =>
      file.status === 'failed' && file.assertionResults.length === 0,
  ).length;
  return {
    passed: result.numPassedTests,
    failed: result.numFailedTests + brokenFiles,
    skipped: result.numPendingTests + result.numTodoTests,
  };
}

function countPytest(report: string): Counts {
  const attribute = (name: string) =>
    Number(new RegExp(`<testsuite [^>]*\\b${name}="(\\d+)"`).exec(readFileSync(report, 'utf8'))?.[1]);
  const failed = attribute('failures') + attribute('errors');
  return { passed: attribute('tests') - failed - attribute('skipped'), failed, skipped: attribute('skipped') };
}

const check = (name: string, ...command: string[]): Kind => ({ name, command: () => command, count: byExit });
const vitest = (name: string): Kind => ({
  name,
  command: (report) => [
    'vitest',
    'run',
    '--project',
    name,
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
  ],
  count: countVitest,
});

const kinds: Kind[] = [
  check('types', 'tsc', '--noEmit'),
  check('lint', 'biome', 'check', '.'),
  check('lint-python', '.venv/bin/ruff', 'check', '.'),
  check('format-python', '.venv/bin/ruff', 'format', '--check', '.'),
  vitest('unit'),
  vitest('contract'),
  vitest('infra'),
  {
    name: 'python',
    command: (report) => ['.venv/bin/python', '-m', 'pytest', 'test/python', `--junitxml=${report}`, '--durations=8'],
    count: countPytest,
  },
  vitest('e2e'),
];

function runKind(kind: Kind, folder: string): Promise<Counts> {
  const report = join(folder, `${kind.name}.report`);
  const [program = '', ...args] = kind.command(report);
  return new Promise((done) => {
    const child = spawn(program, args, { stdio: 'inherit', env: { ...process.env, CI: 'true' } });
    child.on('error', () => done({ passed: 0, failed: 1, skipped: 0 }));
    child.on('close', (exitCode) => {
      try {
        const counts = kind.count(report, exitCode ?? 1);
        // A runner that died without naming a failed test has failed all the same.
        done(exitCode !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts);
      } catch {
        done({ passed: 0, failed: 1, skipped: 0 });
      }
    });
  });
}

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !kinds.some((kind) => kind.name === name));
if (unknown.length > 0) {
  console.error(`No such kind of test: ${unknown.join(', ')}. There are: ${kinds.map((kind) => kind.name).join(', ')}`);
  process.exit(2);
}
const folder = mkdtempSync(join(tmpdir(), 'troupe-test-'));
const total: Counts = { passed: 0, failed: 0, skipped: 0 };
const lines: string[] = [];
for (const kind of kinds.filter((kind) => wanted.length === 0 || wanted.includes(kind.name))) {
  console.log(`\n── ${kind.name}`);
  const started = Date.now();
  const counts = await runKind(kind, folder);
  for (const key of ['passed', 'failed', 'skipped'] as const) total[key] += counts[key];
  const seconds = ((Date.now() - started) / 1_000).toFixed(1);
  lines.push(
    `${kind.name.padEnd(14)} ${String(counts.passed).padStart(4)} passed ${String(counts.failed).padStart(3)} failed ${seconds.padStart(7)} s`,
  );
}
rmSync(folder, { recursive: true });
console.log(`\n${lines.join('\n')}\n`);
console.log(`${total.passed} passed, ${total.failed} failed${total.skipped > 0 ? `, ${total.skipped} skipped` : ''}`);
process.exitCode = total.failed > 0 ? 1 : 0;
