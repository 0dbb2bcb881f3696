import { cpSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { AssetHashType, DockerImage } from 'aws-cdk-lib';
import { type AssetCode, Code } from 'aws-cdk-lib/aws-lambda';
import { buildSync } from 'esbuild';
import { SynthesisError } from './errors.ts';
import { installNativeModules, NATIVE_MODULES } from './native-modules.ts';
import { inRepository, REPOSITORY } from './repository.ts';

/** Folders of the nets beside a function's code, relative to the bundle, which is where a function starts. */
export const ENCODER_IN_BUNDLE = 'identity';
export const READER_IN_BUNDLE = 'reader';
export const UPSCALER_IN_BUNDLE = 'upscaler';
const ENCODER_FILES = ['encoder.onnx', 'encoder.json'];
const READER_FILES = ['reader.onnx', 'reader.json'];
const UPSCALER_FILES = ['upscaler.onnx', 'upscaler.json'];

/** Folders of the nets that a function looks at pictures with, or enlarges them. */
export interface Nets {
  readonly encoder: string;
  readonly reader?: string | undefined;
  readonly upscaler?: string | undefined;
}

/** The code of one function: one ES module with the SDK inside; with `nets`, the native modules and the nets too. */
export function bundleOf(folder: string, nets: Nets | undefined): AssetCode {
  return Code.fromAsset(inRepository('functions', folder), {
    // What was built names the asset, so a changed shared file changes every bundle that holds it.
    assetHashType: AssetHashType.OUTPUT,
    bundling: {
      // Never pulled: building here either succeeds or throws.
      image: DockerImage.fromRegistry('none'),
      local: {
        tryBundle(output) {
          // First what may be missing here, then what takes time.
          if (nets !== undefined) copyNets(nets, output);
          buildModule(folder, output);
          if (nets !== undefined) {
            cpSync(installNativeModules(), join(output, 'node_modules'), { recursive: true, verbatimSymlinks: true });
          }
          return true;
        },
      },
    },
  });
}

function buildModule(folder: string, output: string): void {
  buildSync({
    absWorkingDir: REPOSITORY,
    entryPoints: [`functions/${folder}/handler.ts`],
    outfile: join(output, 'index.mjs'),
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    // The SDK's modules first: what a function does not call is left out.
    mainFields: ['module', 'main'],
    external: [...NATIVE_MODULES],
    minify: true,
    keepNames: true,
    sourcemap: true,
    sourcesContent: false,
    // CommonJS packages inside an ES module still call `require` for Node's own modules.
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
    logLevel: 'error',
  });
}

function copyNets({ encoder, reader, upscaler }: Nets, output: string): void {
  copyFiles(
    encoder,
    ENCODER_FILES,
    join(output, ENCODER_IN_BUNDLE),
    (file) =>
      new SynthesisError(
        'encoder-missing',
        `${file} does not exist. The identity encoder is a ${ENCODER_FILES.join(' and an ')}, ` +
          'trained by `python -m paperdoll.train encoder` or taken from the repository’s models folder.',
      ),
  );
  if (reader !== undefined) {
    copyFiles(reader, READER_FILES, join(output, READER_IN_BUNDLE), incomplete('reader-missing'));
  }
  if (upscaler !== undefined) {
    copyFiles(upscaler, UPSCALER_FILES, join(output, UPSCALER_IN_BUNDLE), incomplete('upscaler-missing'));
  }
}

/** A net that a function can do without is there in part. */
const incomplete = (code: 'reader-missing' | 'upscaler-missing') => (file: string) =>
  new SynthesisError(code, `${file} does not exist. Take its whole folder away to do without such a net.`);

function copyFiles(
  from: string,
  files: readonly string[],
  to: string,
  missing: (file: string) => SynthesisError,
): void {
  for (const file of files) {
    if (!existsSync(join(from, file))) throw missing(join(from, file));
    cpSync(join(from, file), join(to, file));
  }
}
