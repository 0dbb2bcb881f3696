import { spawnSync } from 'node:child_process';
import { chownSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Image } from './image.ts';

/** The user that the image says its program runs as. */
export function findUser({ root, User }: Image): { uid: number; gid: number } {
  const [name = ''] = User.split(':');
  const lines = readFileSync(join(root, 'etc/passwd'), 'utf8').split('\n');
  const entry = lines.map((line) => line.split(':')).find(([user, , uid]) => user === name || uid === name);
  return { uid: Number(entry?.[2] ?? 0), gid: Number(entry?.[3] ?? 0) };
}

/** As Batch starts a container: the root cannot be written, /tmp is the job’s, the environment is the image’s and nothing else. */
const START = [
  'set -e',
  'mount --bind "$ROOT" "$ROOT"',
  'mount -t proc proc "$ROOT/proc"',
  'mount --rbind /dev "$ROOT/dev"',
  'mount --bind "$SCRATCH" "$ROOT/tmp"',
  'mount -o remount,bind,ro "$ROOT"',
  'exec chroot --userspec="$OWNER" "$ROOT" /usr/bin/env -i "$@"',
].join('\n');

/** Run a command in the image; what it left in /tmp is in `scratch`. */
export function runInImage(image: Image, scratch: string, command: readonly string[], variables: string[] = []) {
  const { uid, gid } = findUser(image);
  mkdirSync(scratch, { recursive: true });
  chownSync(scratch, uid, gid);
  const inside = ['sh', '-c', `cd ${image.WorkingDir} && exec "$@"`, 'sh', ...command];
  const environment = ['PATH=/usr/local/bin:/usr/bin:/bin', ...image.Env, ...variables];
  const { status, stdout, stderr } = spawnSync(
    'unshare',
    ['--mount', 'sh', '-c', START, 'start', ...environment, ...inside],
    {
      encoding: 'utf8',
      env: { PATH: process.env.PATH, ROOT: image.root, SCRATCH: scratch, OWNER: `${uid}:${gid}` },
      maxBuffer: 64 * 1024 * 1024,
    },
  );
  return { status, said: `${stdout}${stderr}`.trim() };
}
