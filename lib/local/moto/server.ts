import { createWriteStream, mkdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { LocalCloudError } from '../errors.ts';
import type { ProcessLedger } from '../processes/ledger.ts';
import { type Group, launch } from '../processes/spawn.ts';

const PROGRAM = fileURLToPath(new URL('./serve.py', import.meta.url));
const START_SECONDS = 60;
const POLL_MS = 50;
const PORT_ATTEMPTS = 3;

/** The local AWS server that keeps objects, rows, messages and events, in memory only. */
export interface MotoServer {
  endpoint: string;
  stop(): Promise<void>;
}

/** Start moto on a free port of 127.0.0.1 (an address, not a name: SDKs then use path-style S3 by themselves). */
export async function startMoto(
  { python, account, stateDir }: { python: string; account: string; stateDir: string },
  ledger: ProcessLedger,
): Promise<MotoServer> {
  mkdirSync(join(stateDir, 'logs'), { recursive: true });
  const logPath = join(stateDir, 'logs', 'moto.log');
  for (let attempt = 1; attempt <= PORT_ATTEMPTS; attempt += 1) {
    const port = await freePort();
    const server = launch(
      {
        what: 'moto',
        command: python,
        args: [PROGRAM, '--port', String(port)],
        env: {
          PATH: process.env.PATH ?? '/usr/bin:/bin',
          HOME: stateDir,
          MOTO_ACCOUNT_ID: account,
          MOTO_PORT: String(port),
          PYTHONDONTWRITEBYTECODE: '1',
        },
      },
      ledger,
    );
    const log = createWriteStream(logPath);
    server.stdout.pipe(log, { end: false });
    server.stderr.pipe(log, { end: false });
    const endpoint = `http://127.0.0.1:${port}`;
    const stop = async (): Promise<void> => {
      // It keeps nothing on disk, so there is nothing to finish.
      server.signal('SIGKILL');
      await server.ended;
    };
    if (await answers(endpoint, server)) return { endpoint, stop };
    await stop();
    const { error } = await server.ended;
    if (error !== undefined) throw new LocalCloudError('server-failed', `${python} did not start: ${error.message}`);
  }
  throw new LocalCloudError('server-failed', `moto did not answer; see ${logPath}`);
}

/** Wait until the server answers; false when it ended first (somebody took its port) or stays silent. */
async function answers(endpoint: string, server: Group): Promise<boolean> {
  let alive = true;
  void server.ended.then(() => {
    alive = false;
  });
  const giveUp = Date.now() + START_SECONDS * 1_000;
  while (alive && Date.now() < giveUp) {
    try {
      const reply = await fetch(`${endpoint}/moto-api/`);
      await reply.arrayBuffer();
      // A stranger on the same port would answer too: then our own process has ended by now.
      await sleep(POLL_MS);
      return alive;
    } catch {
      await sleep(POLL_MS);
    }
  }
  return false;
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
