import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { LocalDocument } from '../contracts/index.ts';
import type { LocalState } from '../local/index.ts';
import { KnownError } from './errors.ts';
import type { Address } from './live-cloud.ts';
import { pickOutputs } from './stack.ts';

/** Starts, stops and finds the local cloud. */
export interface LocalControl {
  up(tell: (line: string) => void, faults?: { kinds: string; seed: number }): Promise<LocalDocument>;
  down(): Promise<LocalDocument>;
  status(): Promise<LocalDocument>;
  /** Where the local cloud is, or undefined while it is down. */
  address(): Promise<Address | undefined>;
}

/** The local cloud of a checkout: made from its `cdk.out`, its state in its `.troupe`. */
export function createLocalControl(checkout: string): LocalControl {
  const cdkOut = join(checkout, 'cdk.out');
  const stateDir = join(checkout, '.troupe');
  // Loaded on first use: it brings half of the SDK with it.
  const load = () => import('../local/index.ts');
  return {
    async up(tell, faults) {
      if (!existsSync(join(cdkOut, 'manifest.json'))) {
        throw new KnownError('local_failed', 'There is no synthesised app in cdk.out. Make it with `npm run synth`.');
      }
      const { LocalCloudError, startDaemon } = await load();
      tell('starting the local cloud …');
      try {
        return documentOf(await startDaemon({ cdkOut, stateDir, faults }));
      } catch (error) {
        if (error instanceof LocalCloudError) throw new KnownError('local_failed', error.message, { cause: error });
        throw error;
      }
    },
    async down() {
      await (await load()).stopDaemon(stateDir);
      return documentOf(undefined);
    },
    status: async () => documentOf((await load()).daemonStatus(stateDir).state),
    async address() {
      const { state } = (await load()).daemonStatus(stateDir);
      return state && addressOf(state);
    },
  };
}

const documentOf = (state: LocalState | undefined): LocalDocument =>
  state
    ? { document: 'local', up: true, pid: state.pid, endpoints: { ...state.endpoints } }
    : { document: 'local', up: false };

/** How to reach a local cloud. Everything comes from its own environment: real credentials are never sent to it. */
export function addressOf({ outputs, endpoints, env }: Pick<LocalState, 'outputs' | 'endpoints' | 'env'>): Address {
  return {
    where: 'the local cloud',
    outputs: pickOutputs(Object.assign({}, ...Object.values(outputs)), 'the local cloud'),
    batchEndpoint: endpoints.batch,
    clientSettings: {
      region: env.AWS_REGION ?? '',
      endpoint: endpoints.aws,
      credentials: { accessKeyId: env.AWS_ACCESS_KEY_ID ?? '', secretAccessKey: env.AWS_SECRET_ACCESS_KEY ?? '' },
    },
  };
}
