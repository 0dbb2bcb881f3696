import { IgnoreMode } from 'aws-cdk-lib';
import { DockerImageAsset, Platform } from 'aws-cdk-lib/aws-ecr-assets';
import type { Construct } from 'constructs';
import { REPOSITORY } from './repository.ts';

/** Of the repository, what is sent to whoever builds the worker's image, as lines of a .dockerignore. */
export const IMAGE_CONTEXT = ['**', '!containers/worker/**', '!models/**', '**/__pycache__', '**/*.egg-info'];

/** The worker's image, built at deploy time; to synthesise, its files are enough. */
export class WorkerImage extends DockerImageAsset {
  constructor(scope: Construct, id: string) {
    super(scope, id, {
      directory: REPOSITORY,
      file: 'containers/worker/Dockerfile',
      platform: Platform.LINUX_AMD64,
      ignoreMode: IgnoreMode.DOCKER,
      exclude: IMAGE_CONTEXT,
    });
  }
}
