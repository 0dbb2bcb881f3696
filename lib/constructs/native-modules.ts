import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SynthesisError } from './errors.ts';
import { inRepository } from './repository.ts';

/** Modules with machine code in them, which esbuild cannot put into a bundle. */
export const NATIVE_MODULES: readonly string[] = ['sharp', 'onnxruntime-node'];

/** The machine that Lambda is, whatever the one that synthesises. */
const TARGET = ['--os=linux', '--cpu=x64', '--libc=glibc'];

/** Dependencies that only an install script calls, and no install script runs here. */
const ONLY_FOR_INSTALL: readonly string[] = ['adm-zip', 'global-agent'];

/** What comes along and never runs: other machines, GPUs, sources. 300 MB become 65 MB. */
const PRUNED = [
  '.bin',
  '.package-lock.json',
  'onnxruntime-node/{lib,script}',
  'onnxruntime-node/bin/*/{darwin,win32}',
  'onnxruntime-node/bin/*/linux/arm64',
  'onnxruntime-node/bin/*/linux/x64/*providers*',
  '**/*.{map,md,d.ts}',
];

interface LockedPackage {
  version?: string;
  dependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
}

/** Return a `node_modules` folder with the native modules for Lambda, as the repository's lock file pins them; made once. */
export function installNativeModules(): string {
  const lock = lockOfNativeModules();
  const recipe = JSON.stringify([lock, TARGET, PRUNED]);
  const folder = inRepository('.troupe', 'natives', createHash('sha256').update(recipe).digest('hex').slice(0, 16));
  if (!existsSync(folder)) {
    const parent = inRepository('.troupe', 'natives');
    mkdirSync(parent, { recursive: true });
    const workshop = mkdtempSync(join(parent, 'installing-'));
    try {
      install(workshop, lock);
      // Last, and in one move: a synthesis that is broken off, or runs beside another, leaves no half folder.
      if (!existsSync(folder)) renameSync(workshop, folder);
    } finally {
      rmSync(workshop, { recursive: true, force: true });
    }
  }
  return join(folder, 'node_modules');
}

function install(folder: string, lock: { packages: Record<string, LockedPackage> }): void {
  writeFileSync(join(folder, 'package.json'), JSON.stringify(lock.packages['']));
  writeFileSync(join(folder, 'package-lock.json'), JSON.stringify(lock));
  try {
    const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline'];
    execFileSync('npm', ['ci', ...TARGET, ...quiet], { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
  } catch (error) {
    throw new SynthesisError(
      'native-install-failed',
      `npm could not install ${NATIVE_MODULES.join(' and ')} for ${TARGET.join(' ')}; it needs the npm registry once`,
      error,
    );
  }
  const modules = join(folder, 'node_modules');
  for (const path of globSync(PRUNED, { cwd: modules })) rmSync(join(modules, path), { recursive: true, force: true });
}

/** The part of the repository's lock file that the native modules need, as a lock file of its own. */
function lockOfNativeModules(): { packages: Record<string, LockedPackage> } {
  const lock = JSON.parse(readFileSync(inRepository('package-lock.json'), 'utf8'));
  const all: Record<string, LockedPackage> = lock.packages;
  const wanted = [...NATIVE_MODULES];
  const packages: Record<string, LockedPackage> = {
    '': { dependencies: Object.fromEntries(wanted.map((name) => [name, all[`node_modules/${name}`]?.version ?? ''])) },
  };
  for (const name of wanted) {
    // A package may have a version of its own of something below itself.
    for (const path of Object.keys(all)) {
      if (path !== `node_modules/${name}` && !path.startsWith(`node_modules/${name}/node_modules/`)) continue;
      if (path in packages) continue;
      const needs = Object.entries(all[path]?.dependencies ?? {}).filter(([need]) => !ONLY_FOR_INSTALL.includes(need));
      const entry = { ...all[path], dependencies: Object.fromEntries(needs) };
      packages[path] = entry;
      wanted.push(...Object.keys({ ...entry.dependencies, ...entry.optionalDependencies }));
    }
  }
  return { ...lock, packages };
}
