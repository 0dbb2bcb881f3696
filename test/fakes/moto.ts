import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

/** A moto server of one test file: AWS by its APIs, on a free port, with nothing in it. */
export async function startMoto(): Promise<{ endpoint: string; stop: () => void }> {
  const port = await freePort();
  // 127.0.0.1 and not localhost: with a number for a host the SDK puts the bucket into the path.
  const endpoint = `http://127.0.0.1:${port}`;
  const server = spawn('.venv/bin/moto_server', ['-H', '127.0.0.1', '-p', String(port)], { stdio: 'ignore' });
  const stop = () => void server.kill('SIGKILL');
  for (let tries = 0; tries < 200; tries += 1) {
    if (await answers(endpoint)) return { endpoint, stop };
    if (server.exitCode !== null) break;
    await wait(100);
  }
  stop();
  throw new Error('moto_server did not start; `npm run setup` installs it');
}

const answers = (endpoint: string): Promise<boolean> =>
  fetch(`${endpoint}/moto-api/`).then(
    (response) => response.ok,
    () => false,
  );

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() =>
        address && typeof address === 'object' ? resolve(address.port) : reject(new Error('no port')),
      );
    });
  });
