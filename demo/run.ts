import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import colours from 'picocolors';
import type { Cloud } from '../lib/cli/cloud.ts';
import { collectSheet } from '../lib/cli/contact-sheet.ts';
import { sheetHtml } from '../lib/cli/contact-sheet-html.ts';
import { sheetPng } from '../lib/cli/contact-sheet-png.ts';
import { KnownError } from '../lib/cli/errors.ts';
import { followCampaign } from '../lib/cli/follow.ts';
import { createLiveCloud } from '../lib/cli/live-cloud.ts';
import { addressOf } from '../lib/cli/local-control.ts';
import { readCampaignFile, readSubjectFolder } from '../lib/cli/manifest.ts';
import { createBars, createLines } from '../lib/cli/progress.ts';
import { needSubject } from '../lib/cli/state.ts';
import { indent } from '../lib/cli/words.ts';
import {
  type CampaignDocument,
  intakeKeys,
  libraryKeys,
  MANIFEST_FILE,
  VERSION_FILES,
} from '../lib/contracts/index.ts';
import { type LocalCloud, LocalCloudError, readTrace, startLocalCloud } from '../lib/local/index.ts';
import { lastLines } from './last-lines.ts';
import { synthesise } from './synthesis.ts';
import { followPicture, traceTable } from './trace-table.ts';

/**
 * `npm run demo`: the main job, whole, on this machine. Reference pictures and a campaign go into a bucket; the deployed
 * template's own functions, queues and worker tune the subject and draw it; a contact sheet comes out.
 */
const checkout = resolve(fileURLToPath(new URL('..', import.meta.url)));
const stateDir = join(checkout, '.troupe');
const all = process.argv.includes('--all');
const seconds: Record<string, number> = { 'set-up': Number(process.env.TROUPE_SETUP_SECONDS ?? 0) };

const say = (text: string): void => void process.stdout.write(`${text}\n`);

/** Do one step of the demo under a heading, and keep the seconds it took. */
async function step<T>(name: string, title: string, work: () => Promise<T>): Promise<T> {
  say(`\n${colours.bold(title)}`);
  const started = performance.now();
  const result = await work();
  seconds[name] = (performance.now() - started) / 1_000;
  return result;
}

/** Upload a subject as `troupe subject add` does; `withheld` stays behind, and the subject waits for it. */
async function uploadSubject(cloud: Cloud, name: string, withheld?: string): Promise<void> {
  const folder = join(checkout, 'demo', 'subjects', name);
  const { manifest, pictures, manifestBody } = readSubjectFolder(folder, join(folder, MANIFEST_FILE), new Date());
  const sent = pictures.filter(({ file }) => file !== withheld);
  for (const { file, body, contentType } of sent) {
    await cloud.upload(intakeKeys.subjectFile(manifest.subject, file), body, contentType);
  }
  await cloud.upload(intakeKeys.subjectManifest(manifest.subject), manifestBody, 'application/yaml');
  const files = [...sent.map(({ file }) => file), MANIFEST_FILE].join(', ');
  say(`  subjects/${name}/  ${files}${withheld ? `   (without ${withheld}: it will wait for it)` : ''}`);
}

async function runCampaign(cloud: Cloud): Promise<CampaignDocument> {
  const { campaign, subjects, extension, body } = readCampaignFile(join(checkout, 'demo', 'campaign.yaml'));
  const key = intakeKeys.campaign(campaign, extension);
  await cloud.upload(key, body, 'application/yaml');
  say(`  ${key}\n`);
  const createProgress = () => (process.stderr.isTTY ? createBars(process.stderr) : createLines(say));
  const source = createHash('sha256').update(body).digest('hex');
  return followCampaign({ campaign, subjects, source }, cloud, {
    createProgress,
    now: () => new Date(),
    pause: (ms) => pause(ms),
  });
}

async function writeSheets(cloud: Cloud, document: CampaignDocument): Promise<void> {
  const sheet = await collectSheet(cloud, document);
  for (const line of sheet.summary) say(`  ${line}`);
  for (const [file, content] of [
    ['contact-sheet.html', sheetHtml(sheet)],
    ['contact-sheet.png', await sheetPng(sheet)],
  ] as const) {
    const path = join(checkout, 'demo', file);
    writeFileSync(path, content);
    say(`  ${path}`);
  }
}

/** Print the hops of the first picture, each with its ids and the process that did it. */
async function writeTrace(cloud: Cloud, { campaign, cells }: CampaignDocument, traceFile: string): Promise<void> {
  const name = campaign.file?.subjects[0] ?? '';
  const { versions } = await needSubject(cloud, name);
  const version = versions.at(-1);
  const lines = followPicture(readTrace(traceFile), {
    manifestKey: intakeKeys.subjectManifest(name),
    adapterKey: `${libraryKeys.version(name, version?.version ?? 1)}${VERSION_FILES.adapter}`,
    pictureKey: libraryKeys.variantPicture(campaign.campaign, cells[0]?.cell ?? ''),
    largeKey: libraryKeys.largePicture(campaign.campaign, cells[0]?.cell ?? ''),
    tuneJob: version?.job ?? '',
    renderJob: campaign.job ?? '',
  });
  const table = traceTable(lines);
  writeFileSync(join(checkout, 'demo', 'trace.txt'), `${table}\n`);
  say(indent(table));
  const processes = new Set(lines.map(({ entry }) => entry?.pid).filter((pid) => pid !== undefined));
  say(`  ${processes.size} processes besides this one and the servers; every hop is in ${traceFile}`);
}

async function tellWaits(cloud: Cloud): Promise<void> {
  for (const { subject, state, wait } of await cloud.listRows('subject')) {
    say(`  ${subject}: ${state}${wait ? `. ${wait.sentence}` : ''}`);
  }
}

/** What the worker said last, for each job that has failed. */
async function tellFailures(cloud: Cloud): Promise<void> {
  for (const job of await cloud.listRows('job')) {
    if (job.state === 'done' || job.batchJob === undefined) continue;
    say(`\n${job.verb} ${job.job} is ${job.state}; its worker said last:`);
    say(indent(lastLines(join(stateDir, 'logs', 'jobs', `${job.batchJob}.log`), 25)));
  }
}

async function tellJobSeconds(cloud: Cloud): Promise<void> {
  for (const { verb, subject, campaign, seconds: phases = {} } of await cloud.listRows('job')) {
    const parts = Object.entries(phases)
      .toSorted(([, one], [, other]) => other - one)
      .map(([phase, spent]) => `${phase} ${spent.toFixed(1)}`);
    say(`  ${verb} ${subject ?? campaign}: ${parts.join(', ')}`);
  }
  const setUp = (seconds['set-up'] ?? 0) + (seconds.synthesis ?? 0) + (seconds.cloud ?? 0);
  say(
    `  set-up ${setUp.toFixed(0)} s (packages ${seconds['set-up']?.toFixed(0)}, synthesis ${seconds.synthesis?.toFixed(0)}, ` +
      `cloud ${seconds.cloud?.toFixed(0)}) · the job ${seconds.job?.toFixed(0)} s, from upload to the last score`,
  );
}

async function runDemo(local: LocalCloud): Promise<void> {
  const cloud = createLiveCloud(addressOf(local));
  const drawn = await step('job', 'Upload: reference pictures and a campaign of eight scenes', async () => {
    await uploadSubject(cloud, 'mina');
    // Somebody else to be told apart from, whose tuning would double the time.
    await uploadSubject(cloud, 'rusty', all ? undefined : 'face.png');
    return runCampaign(cloud);
  });
  await step('sheet', 'The contact sheet', () => writeSheets(cloud, drawn));
  await step('trace', 'The way of one picture', () => writeTrace(cloud, drawn, local.traceFile));
  await step('waits', 'What waits, and why', () => tellWaits(cloud));
  await step('times', 'Seconds', () => tellJobSeconds(cloud));
}

async function main(): Promise<number> {
  await step('synthesis', 'The app: cdk synth', async () => say(`  ${await synthesise(checkout)}`));
  const local = await step('cloud', 'The local cloud, from the synthesised template', async () => {
    const started = await startLocalCloud({ cdkOut: join(checkout, 'cdk.out'), stateDir });
    // It takes itself down on the signal, and ends this process when it is down.
    process.once('SIGINT', () => say('\nStopping: the local cloud goes down …'));
    say(`  ${started.endpoints.aws}, Batch at ${started.endpoints.batch}`);
    return started;
  });
  try {
    await runDemo(local);
    return 0;
  } catch (error) {
    say(`\nThe demo failed: ${error instanceof KnownError ? error.message : String(error)}`);
    await tellFailures(createLiveCloud(addressOf(local))).catch(() => {});
    if (!(error instanceof KnownError)) throw error;
    return 2;
  } finally {
    await local.stop();
  }
}

/** What can be read and acted on before anything runs. */
function explain(error: unknown): number {
  if (!(error instanceof KnownError || error instanceof LocalCloudError)) throw error;
  say(`\n${error.message}`);
  if (error instanceof LocalCloudError && error.code === 'already-running') say('`npx troupe local down` stops it.');
  return 2;
}

process.exitCode = await main().catch(explain);
