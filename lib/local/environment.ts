import { keysOf } from './identity.ts';
import type { Endpoints } from './state.ts';

/** What every child process gets besides its own variables; no more of our environment than where programs are. */
export function childEnvironment(endpoints: Endpoints, region: string): Record<string, string> {
  return {
    AWS_DEFAULT_REGION: region,
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_ENDPOINT_URL: endpoints.aws,
    AWS_ENDPOINT_URL_BATCH: endpoints.batch,
    AWS_ENDPOINT_URL_SCHEDULER: endpoints.scheduler,
    AWS_REGION: region,
    PATH: process.env.PATH ?? '/usr/local/bin:/usr/bin:/bin',
  };
}

/** The variables that point a person's or a test's SDK at the local cloud. */
export function userEnvironment(endpoints: Endpoints, region: string): Record<string, string> {
  const { PATH: _ours, ...shared } = childEnvironment(endpoints, region);
  const keys = keysOf('USER');
  return { ...shared, AWS_ACCESS_KEY_ID: keys.accessKeyId, AWS_SECRET_ACCESS_KEY: keys.secretAccessKey };
}
