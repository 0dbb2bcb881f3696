import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

/** Synthesise the app with its bundles into `output`. */
export function synthesise(checkout: string, output: string): void {
  const cdk = join(checkout, 'node_modules/aws-cdk/bin/cdk');
  execFileSync(process.execPath, [cdk, 'synth', '--quiet', '--output', output], { cwd: checkout, stdio: 'ignore' });
}
