import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, globSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { IMAGE_CONTEXT } from '../../lib/constructs/worker-image.ts';

/** Debian of the public image that the Dockerfile begins with. */
const RELEASE = 'bookworm';
/** What that image has and a minimal Debian lacks. */
const BASE_PACKAGES = ['python3', 'python3-pip', 'python-is-python3', 'ca-certificates'];
const BASE = 'localhost/troupe-base:latest';
const IMAGE = 'localhost/troupe-worker:latest';

export const say = (line: string): void => void process.stdout.write(`${line}\n`);

const run = (program: string, args: readonly string[], output: 2 | 'ignore' = 2): void => {
  say(`$ ${program} ${args.join(' ')}`);
  execFileSync(program, args, { stdio: ['ignore', output, 2] });
};

/** Install the two programs that make an image without an engine, where they are missing. */
export function bringTools(): void {
  const missing = ['buildah', 'debootstrap'].filter((tool) => spawnSync('which', [tool]).status !== 0);
  if (missing.length === 0) return;
  say(`${missing.join(' and ')} missing: installing by apt.`);
  run('apt-get', ['update', '-qq']);
  run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...missing], 'ignore');
}

/** Images in a store of their own below `folder`: nothing of the machine’s is touched. */
export function createBuilder(folder: string, checkout: string) {
  const policy = join(folder, 'policy.json');
  mkdirSync(folder, { recursive: true });
  // Nothing is ever pulled: what is built on was made here.
  writeFileSync(policy, JSON.stringify({ default: [{ type: 'insecureAcceptAnything' }] }));
  const store = ['--root', join(folder, 'store'), '--runroot', join(folder, 'run'), '--storage-driver', 'vfs'];
  const ask = (...args: string[]): string =>
    execFileSync('buildah', [...store, ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 2] }).trim();
  const has = (image: string): boolean =>
    spawnSync('buildah', [...store, 'inspect', '--type', 'image', image], { stdio: 'ignore' }).status === 0;

  return {
    /** A Debian with Python and pip, standing in for the public image. */
    makeBase(): void {
      if (has(BASE)) {
        say(`the base ${RELEASE} is here from before`);
        return;
      }
      const root = join(folder, 'base');
      rmSync(root, { recursive: true, force: true });
      run('debootstrap', ['--variant=minbase', `--include=${BASE_PACKAGES.join(',')}`, RELEASE, root], 'ignore');
      // Debian keeps pip out of its own Python; the public image’s Python is nobody else’s.
      for (const marker of globSync('usr/lib/python3*/EXTERNALLY-MANAGED', { cwd: root })) rmSync(join(root, marker));
      const container = ask('from', 'scratch');
      ask('add', '--quiet', container, root, '/');
      ask('commit', '--signature-policy', policy, '--quiet', '--rm', container, BASE);
      rmSync(root, { recursive: true, force: true });
    },
    build(): void {
      // The very files that the CDK would send.
      const ignored = join(folder, 'ignore');
      writeFileSync(ignored, `${IMAGE_CONTEXT.join('\n')}\n`);
      const settings = ['bud', '--isolation', 'chroot', '--pull-never', '--signature-policy', policy];
      const where = ['--ignorefile', ignored, '--file', 'containers/worker/Dockerfile', '--tag', IMAGE, checkout];
      run('buildah', [
        ...store,
        ...settings,
        '--build-arg',
        `BASE_IMAGE=${BASE}`,
        ...pipOfThisMachine(folder),
        ...where,
      ]);
    },
    open(): Image {
      const { OCIv1 } = JSON.parse(ask('inspect', '--type', 'image', IMAGE)) as { OCIv1: { config: ImageConfig } };
      const container = ask('from', '--pull-never', '--signature-policy', policy, IMAGE);
      const root = ask('mount', container);
      return { root, ...OCIv1.config };
    },
  };
}

interface ImageConfig {
  User: string;
  Env: string[];
  Entrypoint: string[];
  WorkingDir: string;
}

export interface Image extends ImageConfig {
  /** Where its file system is mounted. */
  root: string;
}

/** Where this machine’s pip looks for packages, for the pip of the build: its settings, and the folders that they name. */
function pipOfThisMachine(folder: string): string[] {
  // A machine without pip has none, and the build’s pip looks where it always does.
  const lines =
    spawnSync('python3', ['-m', 'pip', 'config', 'list'], { encoding: 'utf8' }).stdout?.trim().split('\n') ?? [];
  // Sorted by where they come from: what the environment says wins, as it does for pip itself.
  const settings = new Map(
    lines
      .sort((one, other) => Number(one.startsWith(':env:')) - Number(other.startsWith(':env:')))
      .flatMap((line) => {
        const [, key, value] = /^(?:global|:env:)\.([a-z-]+)='(.*)'$/.exec(line) ?? [];
        return key && value ? [[key, value.replaceAll('\\n', ' ')] as const] : [];
      }),
  );
  const file = join(folder, 'pip.conf');
  writeFileSync(file, `[global]\n${[...settings].map(([key, value]) => `${key} = ${value}`).join('\n')}\n`);
  chmodSync(file, 0o644);
  const named = [...settings.values()].flatMap((value) =>
    value.split(/\s+/).flatMap((word) => {
      if (word.startsWith('file://')) return [dirname(word.slice('file://'.length))];
      return word.startsWith('/') ? [word] : [];
    }),
  );
  const mounts = [...new Set(named)].filter((path) => existsSync(path)).map((path) => `${path}:${path}:ro`);
  return [`${file}:/etc/pip.conf:ro`, ...mounts].flatMap((mount) => ['--volume', mount]);
}
