import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CAMPAIGN_FILE_BYTES, CampaignDocument, ErrorDocument, UploadDocument } from '../../../lib/contracts/index.ts';
import { campaignRow, FakeCloud, JOB, jobRow, plan, referenceRow, subjectRow, type, variantRow } from './fakes.ts';

const FILE = 'campaign: spring\nsubjects: [mina]\nprompts: ["{mina} on a beach"]\nseeds: 2\n';
const source = createHash('sha256').update(FILE).digest('hex');

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'campaign-'));
  writeFileSync(join(folder, 'spring.yaml'), FILE);
});
afterEach(() => rmSync(folder, { recursive: true }));

const run = (onPause: (cloud: FakeCloud, looks: number) => void, ...more: string[]) =>
  type(['campaign', 'run', 'spring.yaml', ...more], { folder, onPause });

describe('campaign run', () => {
  it('follows the campaign from its wait to its last score', async () => {
    const { status, shown, answer } = await run((cloud, looks) => {
      const wait = { code: 'tuning' as const, sentence: 'mina is being tuned.', since: '2026-11-22T11:59:00.000Z' };
      const tuning = { job: JOB, phase: 'tuning', step: 30, of: 300, secondsLeft: 90 };
      if (looks === 1) {
        cloud.rows = [
          campaignRow({ source, state: 'waiting', cells: 0, wait }),
          subjectRow({ state: 'tuning', job: JOB }),
          jobRow({ verb: 'tune' }),
        ];
        cloud.put(`jobs/${JOB}/progress.json`, tuning);
      } else if (looks === 2) {
        cloud.rows = [campaignRow({ source, state: 'rendering', job: JOB }), subjectRow(), jobRow()];
        cloud
          .put('campaigns/spring/plan.json', plan())
          .put(`jobs/${JOB}/progress.json`, { ...tuning, phase: 'drawing', step: 1, of: 2 });
      } else if (looks === 3) cloud.rows = [campaignRow({ source }), subjectRow(), variantRow('b', 0.81)];
      else cloud.rows.push(variantRow('c', 0.77));
    }, '--json');
    expect(status).toBe(0);
    expect(CampaignDocument.parse(JSON.parse(answer)).cells.map(({ scores }) => scores?.similarity)).toEqual([
      0.81, 0.77,
    ]);
    expect(shown.map((steps) => steps.map(({ name, words, done, of }) => `${name} ${done}/${of} ${words}`))).toEqual([
      ['mina 0/0 not uploaded', 'spring 0/0 uploaded, not yet read'],
      ['mina 30/300 tuning', 'spring 0/0 waiting: mina is being tuned.', 'scores 0/0 0 of 0 pictures scored'],
      ['mina 1/1 tuned, version 1', 'spring 1/2 drawing', 'scores 0/2 0 of 2 pictures scored'],
      ['mina 1/1 tuned, version 1', 'spring 2/2 drawn', 'scores 1/2 1 of 2 pictures scored'],
      ['mina 1/1 tuned, version 1', 'spring 2/2 drawn', 'scores 2/2 2 of 2 pictures scored'],
    ]);
  });

  it('goes on after the last score until what people look at is there', async () => {
    const { status, answer, shown } = await run((cloud, looks) => {
      const large = looks < 3 ? ('due' as const) : ('written' as const);
      cloud.rows = [
        campaignRow({ source }),
        subjectRow(),
        { ...variantRow('b', 0.81), large: 'written' },
        { ...variantRow('c', 0.77), large },
      ];
      cloud.put('campaigns/spring/plan.json', plan());
    }, '--json');
    expect(status).toBe(0);
    expect(shown).toHaveLength(4);
    expect(CampaignDocument.parse(JSON.parse(answer)).cells.map(({ large }) => large)).toEqual(['written', 'written']);
  });

  it('is not content with what an older file of that name has drawn', async () => {
    const { shown } = await run((cloud, looks) => {
      cloud.rows = [campaignRow({ source: looks < 3 ? undefined : source, cells: 0 })];
    });
    expect(shown).toHaveLength(4);
  });

  it('leaves a campaign to its schedule once that is kept', async () => {
    const sentence = 'It is drawn at rate(7 days) by the clock of UTC, each time as a campaign of its own.';
    const { status, answer } = await run((cloud, looks) => {
      const wait = { code: 'scheduled' as const, sentence, since: '2026-11-22T11:59:00.000Z' };
      cloud.rows = [campaignRow({ source, state: 'scheduled', cells: 0, ...(looks > 1 && { wait }) })];
    });
    expect(status).toBe(0);
    expect(answer).toContain(sentence);
  });

  it('leaves a campaign whose one moment has come', async () => {
    const { status } = await run((cloud) => {
      cloud.rows = [campaignRow({ source, state: 'over', cells: 0 })];
    });
    expect(status).toBe(0);
  });

  it('only uploads with --no-wait', async () => {
    const { cloud, answer } = await run(() => expect.fail('it waited'), '--no-wait', '--json');
    expect(cloud.uploads).toEqual([{ key: 'campaigns/spring.yaml', body: FILE, contentType: 'application/yaml' }]);
    expect(UploadDocument.parse(JSON.parse(answer)).name).toBe('spring');
  });

  it.each([
    [
      'campaign_rejected',
      'spring was rejected: prompts[0] names {rex}',
      [
        campaignRow({
          source,
          state: 'rejected',
          rejection: { code: 'campaign_invalid', sentence: 'prompts[0] names {rex}, who is not among the subjects.' },
        }),
      ],
    ],
    [
      'campaign_rejected',
      'spring was rejected: The campaign was planned from another file',
      [
        campaignRow({
          rejection: { code: 'campaign_changed', sentence: 'The campaign was planned from another file of this name.' },
        }),
      ],
    ],
    [
      'campaign_rejected',
      'spring was rejected: A campaign file has at most',
      [
        campaignRow({
          // Its bytes were never taken, so its size stands for them.
          source: createHash('sha256').update(`${FILE.length} bytes`).digest('hex'),
          state: 'rejected',
          file: undefined,
          rejection: { code: 'file_too_large', sentence: 'A campaign file has at most 9 bytes; make two of it.' },
        }),
      ],
    ],
    [
      'campaign_failed',
      'spring failed: The GPU ran out of memory.',
      [
        campaignRow({
          source,
          state: 'failed',
          failure: { code: 'out_of_memory', sentence: 'The GPU ran out of memory.' },
        }),
      ],
    ],
    [
      'campaign_stuck',
      'spring waits for a person',
      [
        campaignRow({
          source,
          state: 'waiting',
          wait: { code: 'subject_failed', sentence: 'Tuning mina failed.', since: '2026-11-22T11:59:00.000Z' },
        }),
      ],
    ],
    [
      'campaign_stuck',
      'upload its subject.yaml again',
      [
        campaignRow({
          source,
          state: 'waiting',
          wait: {
            code: 'base_model_changed',
            sentence: 'mina was tuned for another base model than paperdoll; upload its subject.yaml again.',
            since: '2026-11-22T11:59:00.000Z',
          },
        }),
      ],
    ],
  ])('ends with the reason when the campaign can go no further: %s', async (code, sentence, rows) => {
    const { status, answer } = await run((cloud) => {
      cloud.rows = rows;
    }, '--json');
    expect(status).toBe(2);
    const error = ErrorDocument.parse(JSON.parse(answer));
    expect(error.code).toBe(code);
    expect(error.sentence).toContain(sentence);
  });

  it('gives a wait that only a person can end a moment to be an old one', async () => {
    const wait = {
      code: 'subject_failed' as const,
      sentence: 'Tuning mina failed.',
      since: '2026-11-22T11:59:00.000Z',
    };
    const { status, shown } = await run((cloud, looks) => {
      cloud.rows = [looks < 6 ? campaignRow({ source, state: 'waiting', wait }) : campaignRow({ source, cells: 0 })];
    });
    expect(status).toBe(0);
    expect(shown.length).toBe(7);
  });

  it('stops following when the scores do not come', async () => {
    const { status, shown, answer } = await run((cloud) => {
      cloud.rows = [campaignRow({ source })];
      cloud.put('campaigns/spring/plan.json', plan());
    }, '--json');
    expect(status).toBe(0);
    expect(CampaignDocument.parse(JSON.parse(answer)).cells.map(({ scores }) => scores)).toEqual([
      undefined,
      undefined,
    ]);
    expect(shown.length).toBeLessThan(200);
  });

  it.each([
    ['prompts[0].seeds: Too big', 'campaign: x\nsubjects: [mina]\nprompts: [{text: "{mina}", seeds: 500}]\n', 'x.yaml'],
    ['subjects: is missing', 'campaign: x\nprompts: ["{mina}"]\n', 'x.yaml'],
    ['there is no such field', 'campaign: x\nsubjects: [mina]\nprompts: ["{mina}"]\nbudgett: 5\n', 'x.yaml'],
    ['row 2 is not valid', 'subjects,prompt\nmina,{mina} running\nmina,\n', 'x.csv'],
    ['the file: has no rows', 'subjects,prompt\n', 'x.csv'],
    ['the file: has 200001 bytes; at most 200000 are taken', ' '.repeat(CAMPAIGN_FILE_BYTES + 1), 'x.yaml'],
    ['aliases (*name), which are not taken', 'campaign: x\nsubjects: &s [mina]\nprompts: *s\n', 'x.yaml'],
    ['a campaign is a .yaml or a .csv file', '{}', 'x.json'],
  ])('names what is wrong and uploads nothing: %s', async (expected, content, file) => {
    writeFileSync(join(folder, file), content);
    const { status, aside, cloud } = await type(['campaign', 'run', file], { folder });
    expect(status).toBe(2);
    expect(aside).toContain(expected);
    expect(cloud.uploads).toEqual([]);
  });

  it('uploads rows under the name of their file', async () => {
    writeFileSync(join(folder, 'autumn.csv'), 'subjects,prompt,seeds\nmina,"{mina} running, in snow",2\n');
    const { cloud } = await type(['campaign', 'run', 'autumn.csv', '--no-wait'], { folder });
    expect(cloud.uploads.map(({ key, contentType }) => [key, contentType])).toEqual([
      ['campaigns/autumn.csv', 'text/csv'],
    ]);
  });
});

describe('campaign show', () => {
  const cloud = new FakeCloud();
  cloud.rows = [
    campaignRow({ job: JOB }),
    jobRow({ state: 'done' }),
    subjectRow(),
    referenceRow('front.png', 'a'),
    variantRow('b', 0.81),
  ];
  cloud.put('campaigns/spring/plan.json', plan());

  it('shows every planned picture, scored or not', async () => {
    const { answer } = await type(['campaign', 'show', 'spring'], { cloud });
    expect(answer).toMatch(/cell_b{24}\s+0\s+0\.810\s+1\/2\s+a{12} 0\.912\s+\{mina\} on a beach/);
    expect(answer).toMatch(/cell_c{24}\s+1\s+-\s+-\s+-\s+\{mina\} on a beach/);
  });

  it('says where the pictures are, and where those to be looked at when there are any', async () => {
    const { answer } = await type(['campaign', 'show', 'spring'], { cloud });
    expect(answer).toContain('1 of 2, campaigns/spring/variants/<cell>.png');
    expect(answer).not.toContain('large');
    const enlarged = new FakeCloud();
    enlarged.rows = [campaignRow(), { ...variantRow('b', 0.81), large: 'written' }];
    enlarged.put('campaigns/spring/plan.json', plan());
    expect((await type(['campaign', 'show', 'spring'], { cloud: enlarged })).answer).toContain(
      '1, to be looked at, campaigns/spring/large/<cell>.png',
    );
  });

  it('writes the contact sheet as the file’s ending says', async () => {
    for (const file of ['sheet.html', 'sheet.png']) {
      expect((await type(['campaign', 'show', 'spring', '--sheet', file], { cloud, folder })).status).toBe(0);
    }
    expect(readFileSync(join(folder, 'sheet.html'), 'utf8')).toMatch(/^<!doctype html>/);
    expect((await sharp(join(folder, 'sheet.png')).metadata()).format).toBe('png');
    expect((await type(['campaign', 'show', 'spring', '--sheet', 'sheet.pdf'], { cloud, folder })).status).toBe(2);
  });
});
