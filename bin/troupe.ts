import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { main } from '../lib/cli/index.ts';
import { createLiveWorld } from '../lib/cli/live-world.ts';

/** The command line. `bin/troupe.mjs` starts it on a Node that runs TypeScript and says where the person stood. */
const checkout = resolve(fileURLToPath(new URL('..', import.meta.url)));
const folder = process.env.TROUPE_WORKING_FOLDER ?? process.cwd();

process.exitCode = await main(
  process.argv.slice(2),
  { answer: (text) => process.stdout.write(text), aside: (text) => process.stderr.write(text) },
  (choice, json) => createLiveWorld(choice, json, checkout, folder),
);
