import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { STAGES } from '../../../bin/stages.ts';
import type { StageConfig } from '../../contracts/index.ts';
import type { CloudChoice } from '../cloud.ts';
import type { Account } from './account.ts';

/** What deploying, destroying and adding a model need besides a terminal. */
export interface DeployControl {
  readonly stages: Readonly<Record<string, StageConfig>>;
  /** Folder of the models that go into the image, with their lock file. */
  readonly models: string;
  account(): Promise<Account>;
  /** Whether images can be built here. */
  docker(): boolean;
  /** Run the CDK in the checkout with these words, its output passed through; return its exit status. */
  cdk(words: readonly string[]): Promise<number>;
}

/** The stages of a checkout, in the account that a person chose. */
export function createDeployControl(checkout: string, choice: CloudChoice): DeployControl {
  return {
    stages: STAGES,
    models: join(checkout, 'models'),
    async account() {
      // Loaded on first use: it brings half of the SDK with it.
      const { createLiveAccount } = await import('./live-account.ts');
      const { profile, region } = choice;
      return createLiveAccount({ ...(profile && { profile }), ...(region && { region }) });
    },
    docker: () => spawnSync(process.env.CDK_DOCKER ?? 'docker', ['version'], { stdio: 'ignore' }).status === 0,
    cdk(words) {
      const { profile, region } = choice;
      const child = spawn(
        process.execPath,
        [join(checkout, 'node_modules/aws-cdk/bin/cdk'), ...words, ...(profile ? ['--profile', profile] : [])],
        {
          cwd: checkout,
          // What it says is never the answer: that is ours, and may be read by a script.
          stdio: ['inherit', 2, 2],
          env: { ...process.env, ...(region && { AWS_REGION: region, AWS_DEFAULT_REGION: region }) },
        },
      );
      return new Promise((resolve, reject) => {
        child.once('error', reject);
        // Stopped by a signal it has no status, and it did not succeed.
        child.once('exit', (status) => resolve(status ?? 1));
      });
    },
  };
}
