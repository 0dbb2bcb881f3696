#!/usr/bin/env node
/** `troupe`: the command line, on a Node that runs TypeScript; brings one on first use when this Node is older. */
import { spawn } from 'node:child_process';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const program = ['node', join(root, 'bin/troupe.ts'), ...process.argv.slice(2)];
const child = spawn(process.execPath, [join(root, 'bin/setup.mjs'), '--quiet', '--', ...program], { stdio: 'inherit' });
process.on('SIGINT', () => {});
process.on('SIGTERM', () => child.kill('SIGTERM'));
child.on('exit', (code) => process.exit(code ?? 1));
