import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { closeSync, existsSync, globSync, mkdirSync, openSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { KnownError } from '../lib/cli/errors.ts';
import { lastLines } from './last-lines.ts';

/** What the templates and their assets are made from. */
const INPUTS = [
  'package-lock.json',
  'cdk.json',
  'bin/app.ts',
  'lib/{constructs,contracts,stacks}/**/*',
  'functions/**/*',
  'containers/worker/**/*',
  'models/**/*',
];

/** Run `cdk synth`, unless `cdk.out` was made from the same bytes. Says whether it ran. */
export async function synthesise(checkout: string): Promise<'made' | 'unchanged'> {
  const stamp = join(checkout, 'cdk.out', '.made-from');
  const inputs = digestInputs(checkout);
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === inputs) return 'unchanged';
  const log = join(checkout, '.troupe', 'synth.log');
  mkdirSync(dirname(log), { recursive: true });
  const file = openSync(log, 'w');
  const status = await run(
    join(checkout, 'node_modules', 'aws-cdk', 'bin', 'cdk'),
    ['synth', '--quiet'],
    checkout,
    file,
  );
  closeSync(file);
  if (status !== 0) throw new KnownError('local_failed', `\`cdk synth\` failed:\n${lastLines(log, 20)}`);
  writeFileSync(stamp, inputs);
  return 'made';
}

/** Run a script in a process group of its own, which ends with us: `cdk` starts processes too. */
async function run(script: string, words: string[], cwd: string, output: number): Promise<number | null> {
  const child = spawn(process.execPath, [script, ...words], { cwd, detached: true, stdio: ['ignore', output, output] });
  const end = (signal: 'SIGINT' | 'SIGTERM'): void => {
    if (child.pid !== undefined) process.kill(-child.pid, signal);
    process.exit(128 + constants.signals[signal]);
  };
  process.once('SIGINT', end).once('SIGTERM', end);
  try {
    return await new Promise((done, fail) => {
      child.once('error', fail);
      child.once('exit', done);
    });
  } finally {
    process.off('SIGINT', end).off('SIGTERM', end);
  }
}

function digestInputs(checkout: string): string {
  const digest = createHash('sha256');
  const files = globSync(INPUTS, { cwd: checkout, exclude: (name) => name.includes('__pycache__') });
  for (const file of files.toSorted()) {
    const path = join(checkout, file);
    if (statSync(path).isFile()) digest.update(file).update('\0').update(readFileSync(path));
  }
  return digest.digest('hex');
}
