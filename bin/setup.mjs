#!/usr/bin/env node
/**
 * Brings what a fresh machine lacks, then runs the command after `--` with it. Needs only Node 20 and Python 3.11, and only
 * built-in modules, because it runs before anything is installed. Each step is skipped when its stamp says it is done.
 *
 *   node bin/setup.mjs [--drawing] [--quiet] [-- command args…]
 *
 * --drawing also checks the system libraries that the paperdoll renderer needs (tests and training; never the demo).
 */
import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const NODE_VERSION = '24.21.0'; // Lambda runs nodejs24.x: the bundles run here on the same major version.
const split = process.argv.indexOf('--');
const options = process.argv.slice(2, split < 0 ? undefined : split);
const command = split < 0 ? [] : process.argv.slice(split + 1);
const say = (text) => options.includes('--quiet') || process.stderr.write(`setup  ${text}\n`);

class SetupError extends Error {}

function run(program, args, settings = {}) {
  try {
    execFileSync(program, args, { cwd: root, stdio: ['ignore', 2, 2], ...settings });
  } catch (error) {
    throw new SetupError(`\`${program} ${args.join(' ')}\` failed (${error.status ?? error.code}).`);
  }
}

/** Run `work` unless the stamp in `folder` already holds the digest of `files` and `facts`. */
function once(folder, files, facts, title, work) {
  const digest = createHash('sha256');
  for (const file of files) digest.update(readFileSync(join(root, file)));
  digest.update(JSON.stringify([root, ...facts]));
  const stamp = join(root, folder, '.troupe-stamp');
  const wanted = digest.digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  const started = Date.now();
  say(`${title} …`);
  work();
  mkdirSync(join(root, folder), { recursive: true });
  writeFileSync(stamp, wanted);
  say(`${title}: ${((Date.now() - started) / 1000).toFixed(0)} s`);
}

/** The folder of a Node of the wanted major version: the one running, or one of our own in `.node`. */
function bringNode() {
  if (Number(process.versions.node.split('.')[0]) === 24) return dirname(process.execPath);
  once('.node', [], [NODE_VERSION, process.arch], `Node ${NODE_VERSION} into .node`, () => {
    mkdirSync(join(root, '.node'), { recursive: true });
    writeFileSync(join(root, '.node/package.json'), '{ "private": true }');
    run('npm', ['install', '--no-save', '--no-audit', '--no-fund', `node@${NODE_VERSION}`], {
      cwd: join(root, '.node'),
    });
  });
  return join(root, '.node/node_modules/node/bin');
}

/** A Python that torch has wheels for. */
function findPython() {
  for (const name of ['python3.11', 'python3.12', 'python3.13', 'python3']) {
    try {
      const version = execFileSync(name, ['-c', 'import sys; print("%d.%d" % sys.version_info[:2])'], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      }).trim();
      if (['3.11', '3.12', '3.13'].includes(version)) return name;
    } catch {}
  }
  throw new SetupError(
    'Python 3.11, 3.12 or 3.13 is needed and was not found. On Debian: apt-get install python3 python3-venv',
  );
}

function bringPython() {
  const files = [
    'requirements.txt',
    'constraints.txt',
    'containers/worker/pyproject.toml',
    'containers/paperdoll/pyproject.toml',
    'containers/bench/pyproject.toml',
  ];
  once('.venv', files, [], 'Python packages into .venv (torch is large: some minutes)', () => {
    if (!existsSync(join(root, '.venv/bin/python'))) {
      rmSync(join(root, '.venv'), { recursive: true, force: true });
      run(findPython(), ['-m', 'venv', '.venv']);
    }
    const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check'];
    run('.venv/bin/python', [...pip, '-r', 'requirements.txt', '-c', 'constraints.txt']);
    const ours = ['containers/worker', 'containers/paperdoll', 'containers/bench'];
    run('.venv/bin/python', [...pip, '--no-deps', ...ours.flatMap((folder) => ['-e', folder])]);
  });
}

/** The renderer needs three system libraries. As root on Debian they are installed; anyone else is told which. */
function bringDrawing() {
  const packages = ['libgl1', 'libegl1', 'libfontconfig1'];
  const works = () => {
    try {
      execFileSync('.venv/bin/python', ['-c', 'import skia'], { cwd: root, stdio: 'ignore' });
      return true;
    } catch {
      return false;
    }
  };
  if (works()) return;
  if (existsSync('/usr/bin/apt-get') && process.getuid?.() === 0) {
    say(`system libraries for the renderer: ${packages.join(' ')} …`);
    run('apt-get', ['update', '-qq']);
    run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages]);
  }
  if (!works()) {
    throw new SetupError(
      `The renderer (skia) does not load. On Debian or Ubuntu: sudo apt-get install ${packages.join(' ')}`,
    );
  }
}

try {
  const nodeFolder = bringNode();
  process.env.PATH = [nodeFolder, join(root, 'node_modules/.bin'), process.env.PATH].join(delimiter);
  process.env.HOME ??= homedir();
  const packages = ['package.json', 'package-lock.json', '.npmrc'];
  once('node_modules', packages, [NODE_VERSION], 'npm packages into node_modules', () =>
    // onnxruntime-node's post-install fetches CUDA libraries that nothing here uses.
    run('npm', ['ci', '--no-audit', '--no-fund'], { env: { ...process.env, ONNXRUNTIME_NODE_INSTALL: 'skip' } }),
  );
  bringPython();
  if (options.includes('--drawing')) bringDrawing();
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  process.stderr.write(`setup  ${error.message}\n`);
  process.exit(1);
}

if (command.length > 0) {
  // The demo tells its own seconds from these.
  process.env.TROUPE_SETUP_SECONDS = process.uptime().toFixed(1);
  const child = spawn(command[0], command.slice(1), { stdio: 'inherit' });
  // Ctrl-C reaches the whole terminal group already; a signal sent to this process alone is passed on.
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  process.on('SIGINT', () => {});
  child.on('exit', (code, signal) => process.exit(signal ? 128 : (code ?? 1)));
  child.on('error', (error) => {
    process.stderr.write(`setup  ${error.message}\n`);
    process.exit(1);
  });
}
