import { execFileSync } from 'node:child_process';
import { globSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { synthesise } from '../synthesise.ts';

/** The code of one function as it is deployed. */
export interface Bundle {
  name: string;
  folder: string;
}

/** Synthesise the app with its bundles and return one for each function of ours. */
export function synthesiseBundles(checkout: string, output: string): Bundle[] {
  synthesise(checkout, output);
  const template = JSON.parse(readFileSync(join(output, 'Troupe.template.json'), 'utf8'));
  const resources = Object.entries<{ Type: string; Metadata?: Record<string, string> }>(template.Resources);
  return resources.flatMap(([id, { Type, Metadata }]) => {
    const asset = Metadata?.['aws:asset:path'];
    if (Type !== 'AWS::Lambda::Function' || asset === undefined) return [];
    const folder = join(output, asset);
    // CDK's own helpers are no bundles of ours.
    return globSync('index.mjs', { cwd: folder }).length === 0 ? [] : [{ name: nameOf(id), folder }];
  });
}

/** `IngestUploadF2473144` as its folder is called: `ingest-upload`. */
const nameOf = (logicalId: string): string =>
  logicalId
    .replace(/[0-9A-F]{8}$/, '')
    .replace(/(?<!^)[A-Z]/g, '-$&')
    .toLowerCase();

const MODEL = /\.(onnx|safetensors)$/;

/** Bytes as Lambda counts them, unzipped: of the code, and of the models beside it. */
export function measureBundle({ folder }: Bundle): { codeBytes: number; modelBytes: number } {
  const sizes = { codeBytes: 0, modelBytes: 0 };
  for (const file of globSync('**/*', { cwd: folder })) {
    const stat = statSync(join(folder, file));
    if (stat.isFile()) sizes[MODEL.test(file) ? 'modelBytes' : 'codeBytes'] += stat.size;
  }
  return sizes;
}

/** Milliseconds from starting Node to a handler that could take its first message, in a process of its own. */
export function timeStart({ folder }: Bundle): number {
  const script = `const { handler } = await import(${JSON.stringify(join(folder, 'index.mjs'))});
    if (typeof handler !== 'function') process.exit(1);
    process.exit(0);`;
  const began = performance.now();
  execFileSync(process.execPath, ['--input-type=module', '--eval', script], { cwd: folder, stdio: 'ignore' });
  return performance.now() - began;
}
