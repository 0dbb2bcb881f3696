import { cpSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { AssetHashType, DockerImage } from 'aws-cdk-lib';
import { type AssetCode, Code } from 'aws-cdk-lib/aws-lambda';
import { buildSync } from 'esbuild';
import { SynthesisError } from './errors.ts';
import { installNativeModules, NATIVE_MODULES } from './native-modules.ts';
import { inRepository, REPOSITORY } from './repository.ts';

/** Folder of the identity encoder beside a function's code, relative to the bundle, which is where a function starts. */
export const ENCODER_IN_BUNDLE = 'identity';
const ENCODER_FILES = ['encoder.onnx', 'encoder.json'];

/** The code of one function: one ES module with the SDK inside; with `encoder`, the native modules and the encoder too. */
export function bundleOf(folder: string, encoder: string | undefined): AssetCode {
  return Code.fromAsset(inRepository('functions', folder), {
    // What was built names the asset, so a changed shared file changes every bundle that holds it.
    assetHashType: AssetHashType.OUTPUT,
    bundling: {
      // Never pulled: building here either succeeds or throws.
      image: DockerImage.fromRegistry('none'),
      local: {
        tryBundle(output) {
          // First what may be missing here, then what takes time.
          if (encoder !== undefined) copyEncoder(encoder, join(output, ENCODER_IN_BUNDLE));
          buildModule(folder, output);
          if (encoder !== undefined) {
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

function copyEncoder(encoder: string, target: string): void {
  for (const file of ENCODER_FILES) {
    if (!existsSync(join(encoder, file))) {
      throw new SynthesisError(
        'encoder-missing',
        `${join(encoder, file)} does not exist. The identity encoder is a ${ENCODER_FILES.join(' and an ')}, ` +
          'trained by `python -m paperdoll.train encoder` or taken from the repository’s models folder.',
      );
    }
    cpSync(join(encoder, file), join(target, file));
  }
}
