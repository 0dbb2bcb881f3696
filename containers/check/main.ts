/**
 * `npm run container:check`: the worker’s Dockerfile, built and run with no engine and no registry of images, on a Debian
 * that is made here. Needs root on Debian, apt and pip; about two gigabytes below the system’s folder for temporary files.
 * `--keep` keeps base and image for the next time.
 */
import { readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readBaseModel } from '../../lib/stacks/base-model.ts';
import { bringTools, createBuilder, say } from './image.ts';
import { findUser, runInImage } from './run-in-image.ts';
import { createLibrary, PICTURE } from './small-jobs.ts';

const checkout = resolve(fileURLToPath(new URL('../..', import.meta.url)));
const folder = join(tmpdir(), 'troupe-container-check');
const failed: string[] = [];

function check(sentence: string, holds: boolean, otherwise: string): void {
  say(`${holds ? 'ok  ' : 'FAIL'}  ${sentence}`);
  if (holds) return;
  failed.push(sentence);
  say(otherwise.replace(/^/gm, '      '));
}

function timed<T>(what: string, work: () => T): T {
  const began = performance.now();
  const made = work();
  say(`      ${what}: ${((performance.now() - began) / 1_000).toFixed(1)} s`);
  return made;
}

function checkImage(builder: ReturnType<typeof createBuilder>): void {
  const image = builder.open();
  const owner = findUser(image);
  const scratch = join(folder, 'scratch');
  rmSync(scratch, { recursive: true, force: true });
  const worker = (...words: string[]) =>
    timed(`${image.Entrypoint.join(' ')} ${words[0]}`, () =>
      runInImage(image, scratch, [...image.Entrypoint, ...words]),
    );

  const { said: uid } = runInImage(image, scratch, ['id', '-u']);
  check(`it runs as uid ${uid}, which is the Dockerfile’s and not root`, uid === '10001' && owner.uid === 10_001, uid);

  const places = ['/', '/etc', '/opt/troupe', '/opt/troupe/models', '/usr/lib', '/var'];
  const touched = places.filter((place) => runInImage(image, scratch, ['touch', join(place, 'x')]).status === 0);
  check(`it writes none of ${places.join(' ')}`, touched.length === 0, `written: ${touched.join(' ')}`);
  check('it writes /tmp', runInImage(image, scratch, ['touch', '/tmp/x']).status === 0, '/tmp refused a file');

  const help = worker('--help');
  check(
    '--help ends 0 and names both verbs',
    help.status === 0 && /tune/.test(help.said) && /render/.test(help.said),
    help.said,
  );

  const library = createLibrary(join(scratch, 'library'), owner);
  const job = (verb: string, id: string) => worker(verb, '--job', `/tmp/library/jobs/${id}/job.json`, '--epoch', '1');
  const broken = library.putBroken();
  const refused = job('tune', broken);
  const result = refused.status === 42 ? JSON.parse(library.read(`jobs/${broken}/result.json`).toString()) : undefined;
  check(`a broken job ends 42 and says ${result?.code}`, result?.code === 'job_invalid', refused.said);

  const baseModel = readBaseModel(join(checkout, 'models'), 'paperdoll', 'commercial');
  const tuned = job('tune', library.putTune(baseModel, readFileSync(join(checkout, 'demo/subjects/mina/front.png'))));
  check('a small tuning ends 0', tuned.status === 0, tuned.said);
  if (tuned.status !== 0) return;
  const drawn = job('render', library.putRender(baseModel));
  check('a small render ends 0', drawn.status === 0, drawn.said);
  if (drawn.status !== 0) return;
  const picture = library.read(PICTURE);
  const sides = [picture.readUInt32BE(16), picture.readUInt32BE(20)];
  check(
    `it drew a PNG of ${sides.join(' × ')}, ${picture.length} bytes`,
    sides.join() === '128,128',
    picture.toString('hex', 0, 32),
  );
}

if (process.getuid?.() !== 0)
  throw new Error('buildah in chroot isolation needs root: run it as root, in a container or a virtual machine.');
try {
  bringTools();
  const builder = createBuilder(folder, checkout);
  timed('base', () => builder.makeBase());
  timed('build', () => builder.build());
  checkImage(builder);
} finally {
  if (!process.argv.includes('--keep')) rmSync(folder, { recursive: true, force: true });
}
say(failed.length === 0 ? 'The image builds and runs.' : `${failed.length} checks failed.`);
process.exitCode = failed.length === 0 ? 0 : 1;
