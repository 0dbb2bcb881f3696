import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Assembly, ImageAsset } from '../assembly.ts';
import { LocalCloudError } from '../errors.ts';

/**
 * How an image's program is run without a container: the only wiring that is written by hand. An image asset belongs
 * to the entry when its folder holds `holds`, a path that only this image has.
 */
export interface ImageProgram {
  holds: string;
  /** Takes the place of the word `python` or `python3` at the head of the container's command. */
  interpreter: string;
  /** Folder to start in; the asset's own, where `holds` was found, when absent. */
  cwd?: string;
  environment?: Record<string, string>;
}

/** A program that can be started: the image's entry point, and where it runs. */
export interface Program {
  entrypoint: string[];
  interpreter: string;
  cwd: string;
  environment: Record<string, string>;
}

/** The images of a checkout: the worker, run by the checkout's own Python on the checkout's own weights. */
export function defaultImages(checkout: string): ImageProgram[] {
  const worker = {
    interpreter: join(checkout, '.venv', 'bin', 'python'),
    environment: {
      TROUPE_MODELS: join(checkout, 'models'),
      // The program runs from the asset's folder, which stays as it was synthesised.
      PYTHONDONTWRITEBYTECODE: '1',
      PYTHONUNBUFFERED: '1',
    },
  };
  // The build context may be the container's folder or the whole checkout.
  return [
    { ...worker, holds: 'troupe_worker' },
    { ...worker, holds: 'containers/worker/troupe_worker' },
  ];
}

/** Find the program behind a job definition's image; its tag is the hash of an asset of the assembly. */
export function programOf(image: string, { images }: Pick<Assembly, 'images'>, programs: ImageProgram[]): Program {
  const asset = images.get(image.slice(image.lastIndexOf(':') + 1));
  if (asset === undefined) throw new LocalCloudError('asset-missing', `no image asset of the assembly is ${image}`);
  const program = programs.find(({ holds }) => existsSync(join(asset.directory, holds)));
  if (program === undefined) {
    const known = programs.map(({ holds }) => holds).join(', ');
    throw new LocalCloudError(
      'wiring-unsupported',
      `the image in ${asset.directory} is none that the local cloud can run without a container (it looks for ${known})`,
    );
  }
  return {
    entrypoint: entrypointOf(asset),
    interpreter: program.interpreter,
    cwd: program.cwd ?? dirname(join(asset.directory, program.holds)),
    environment: program.environment ?? {},
  };
}

/** The words to start: the entry point and the command, with our interpreter where the image would use its own. */
export function commandLine(
  { entrypoint, interpreter }: Pick<Program, 'entrypoint' | 'interpreter'>,
  command: string[],
): string[] {
  const [first = '', ...rest] = [...entrypoint, ...command];
  return [/^(.*\/)?python3?$/.test(first) ? interpreter : first, ...rest];
}

/** The image's entry point: the last `ENTRYPOINT [...]` of its Dockerfile; none where it has none. */
function entrypointOf({ directory, dockerFile }: ImageAsset): string[] {
  const path = join(directory, dockerFile);
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, 'utf8').replaceAll('\\\n', ' ').split('\n');
  const last = lines.filter((line) => /^\s*ENTRYPOINT\s/i.test(line)).pop();
  if (last === undefined) return [];
  const words = last.replace(/^\s*ENTRYPOINT\s+/i, '').trim();
  if (!words.startsWith('[')) {
    throw new LocalCloudError('wiring-unsupported', `${path}: write ENTRYPOINT as a JSON list`);
  }
  return (JSON.parse(words) as unknown[]).map(String);
}
