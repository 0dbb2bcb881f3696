import { rmSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { libraryKeys, rowKeys } from '../../lib/contracts/index.ts';
import { eventually, RunningApp, scratchFolder, synthesiseTiny } from './troupe-app.ts';

const MANIFEST = `
subject: mina
kind: character
noun: girl
references: [front.png]
passport: { owner: Example Studio, consent: own-design, uses: [marketing], territories: [worldwide], expires: 2099-12-31 }
`;
const CAMPAIGN =
  'campaign: scenes\nsubjects: [mina]\nprompts: ["{mina} waving on the beach"]\nseeds: 5\nsampler: { steps: 2 }\n';

let folder: string;
let cloud: RunningApp;

beforeAll(async () => {
  folder = scratchFolder('widened');
  const app = synthesiseTiny(folder, 'node test/fixtures/widened-app.ts');
  cloud = await RunningApp.start(app, `${folder}/state`);
});
afterAll(async () => {
  await cloud?.stop();
  rmSync(folder, { recursive: true, force: true });
});

it('with every id renamed, a queue and a function added, and shards, the local cloud runs the app as it is', async () => {
  await cloud.upload('subjects/mina/subject.yaml', MANIFEST);
  await cloud.uploadFile('subjects/mina/front.png', 'demo/subjects/mina/front.png');
  await cloud.upload('campaigns/scenes.yaml', CAMPAIGN);
  await eventually('the campaign is drawn', 600, async () => {
    const campaign = await cloud.row('campaign', rowKeys.campaign('scenes'));
    const failed = campaign?.failure ?? (await cloud.row('subject', rowKeys.subject('mina')))?.failure;
    if (failed) throw new Error(failed.sentence);
    return campaign?.state === 'drawn' || undefined;
  });

  const pictures = Object.keys(await cloud.digests(libraryKeys.variants('scenes')));
  expect(pictures.filter((key) => key.endsWith('.png'))).toHaveLength(5);
  const [render] = (await cloud.rows('job')).filter((job) => job.verb === 'render');
  expect(render?.shards).toBe(3);
  const started = cloud
    .trace()
    .filter((entry) => entry.hop === 'job.started' && entry.jobName?.startsWith(render?.job ?? 'none'));
  expect(started.map(({ jobId }) => jobId?.split(':')[1]).sort()).toEqual(['0', '1', '2']);

  // What the added function was told, by the added rule and queue: the report of the subject version.
  const seen = await eventually('the added function has run', 60, async () => {
    const [key] = Object.keys(await cloud.digests('seen/'));
    return key;
  });
  const message = JSON.parse(Buffer.from(await cloud.read(seen)).toString());
  expect(message.detail.object.key).toBe(`${libraryKeys.version('mina', 1)}report.json`);
});
