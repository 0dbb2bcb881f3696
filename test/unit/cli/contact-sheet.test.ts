import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { collectSheet } from '../../../lib/cli/contact-sheet.ts';
import { escapeHtml, sheetHtml } from '../../../lib/cli/contact-sheet-html.ts';
import { sheetPng } from '../../../lib/cli/contact-sheet-png.ts';
import { needCampaign } from '../../../lib/cli/state.ts';
import { measure, outline, wrap } from '../../../lib/cli/text-outlines.ts';
import {
  campaignRow,
  cellId,
  FakeCloud,
  manifest,
  plan,
  referenceRow,
  sha,
  subjectRow,
  variantRow,
  versionRow,
} from './fakes.ts';

const square = (colour: string) =>
  sharp({ create: { width: 16, height: 16, channels: 3, background: colour } })
    .png()
    .toBuffer();

async function spring(changes: Parameters<typeof campaignRow>[0] = {}, prompt?: string) {
  const cloud = new FakeCloud();
  cloud.rows = [
    campaignRow(changes),
    subjectRow(),
    referenceRow('front.png', 'a'),
    versionRow(),
    variantRow('b', 0.8137),
  ];
  cloud
    .put('campaigns/spring/plan.json', plan(prompt))
    .put(`subjects/mina/references/${sha('a')}.png`, await square('#00f'))
    .put(`campaigns/spring/variants/${cellId('b')}.png`, await square('#f00'));
  return collectSheet(cloud, await needCampaign(cloud, 'spring'));
}

describe('the page', () => {
  it('shows every cell with every score, and a missing picture with its reason', async () => {
    const html = sheetHtml(
      await spring({ state: 'failed', failure: { code: 'internal', sentence: 'The worker fell over.' } }),
    );
    expect(html.match(/<article /g)).toHaveLength(2);
    for (const expected of [
      cellId('b'),
      cellId('c'),
      '0.814',
      '1 of 2',
      'front.png 0.912',
      'not scored',
      'The worker fell over.',
    ]) {
      expect(html).toContain(expected);
    }
    expect(html.match(/class="absent"[^>]*>The worker fell over\./g)).toHaveLength(1);
  });

  it('shows the references with owner, method and expiry of the subject', async () => {
    const html = sheetHtml(await spring());
    for (const expected of [
      'Example Studio (own-design)',
      'dreambooth-lora, version 1',
      '2027-12-31',
      'alt="front.png"',
    ]) {
      expect(html).toContain(expected);
    }
  });

  it('lets no text that somebody typed become markup', async () => {
    const owner = `"><script>alert('owner')</script>`;
    const sheet = await spring({}, `{mina} & "friends" it's`);
    sheet.subjects[0]?.facts.push(['owner', owner]);
    const html = sheetHtml({ ...sheet, campaign: '<b>spring</b>', problem: '</p><img src=x onerror=alert(1)>' });
    expect(html).not.toMatch(/<script|<img src=x|<b>/);
    expect(html).toContain('mina &amp; &quot;friends&quot; it&#39;s');
    expect(html).toContain(escapeHtml(owner));
  });

  it('loads nothing from anywhere', async () => {
    const html = sheetHtml(await spring());
    expect(html.match(/(src|href)="(?!data:image\/png;base64,)/g)).toBeNull();
    expect(html).toContain("default-src 'none'");
  });
});

describe('a picture that was enlarged', () => {
  const LARGE = `campaigns/spring/large/${cellId('b')}.png`;
  const shown = async (large: 'due' | 'written' | undefined, there: boolean) => {
    const cloud = new FakeCloud();
    cloud.rows = [campaignRow(), { ...variantRow('b', 0.8137), ...(large && { large }) }];
    cloud
      .put('campaigns/spring/plan.json', plan())
      .put(`campaigns/spring/variants/${cellId('b')}.png`, await square('#f00'));
    if (there) cloud.put(LARGE, await square('#0f0'));
    const { pictures } = await collectSheet(cloud, await needCampaign(cloud, 'spring'));
    return pictures[0];
  };
  const bytes = async (colour: string) => Buffer.from(await square(colour)).toString('hex');

  it('is shown in the place of the one that was measured, beside the same scores', async () => {
    const picture = await shown('written', true);
    expect(picture?.png?.toString('hex')).toBe(await bytes('#0f0'));
    expect(picture?.cell.scores).toEqual(variantRow('b', 0.8137).scores);
  });

  it.each([
    ['not yet', 'due', true],
    ['never', undefined, true],
    ['and is not there any more', 'written', false],
  ] as const)('%s is shown as it was drawn', async (_when, large, there) => {
    expect((await shown(large, there))?.png?.toString('hex')).toBe(await bytes('#f00'));
  });
});

describe('the picture', () => {
  it('holds every picture, grows with its rows, and is the same bytes for the same campaign', async () => {
    const sheet = await spring();
    const png = await sheetPng(sheet);
    const { data, info } = await sharp(png).raw().toBuffer({ resolveWithObject: true });
    const count = (red: number, green: number, blue: number) => {
      let pixels = 0;
      for (let at = 0; at < data.length; at += info.channels) {
        if (data[at] === red && data[at + 1] === green && data[at + 2] === blue) pixels += 1;
      }
      return pixels;
    };
    expect(info.width).toBe(1_360);
    expect(count(255, 0, 0)).toBeGreaterThan(300 * 300);
    expect(count(0, 0, 255)).toBeGreaterThan(120 * 120);
    expect((await sheetPng(await spring())).equals(png)).toBe(true);
    const rows = await sheetPng({ ...sheet, pictures: [...sheet.pictures, ...sheet.pictures, ...sheet.pictures] });
    expect((await sharp(rows).metadata()).height).toBeGreaterThan(info.height + 300);
  });

  it('shows a campaign that has nothing yet', async () => {
    const cloud = new FakeCloud();
    const wait = {
      code: 'subject_unknown' as const,
      sentence: 'Nobody has uploaded mina.',
      since: '2026-11-22T11:59:00.000Z',
    };
    cloud.rows = [campaignRow({ state: 'waiting', cells: 0, wait })];
    const sheet = await collectSheet(cloud, await needCampaign(cloud, 'spring'));
    expect(sheetHtml(sheet)).toContain('Nobody has uploaded mina.');
    expect((await sharp(await sheetPng(sheet)).metadata()).width).toBe(1_360);
    expect(sheet.subjects.map(({ facts }) => facts)).toEqual([[['state', 'not uploaded']]]);
  });
});

describe('lines of text', () => {
  it('are no wider than asked and lose no letter', () => {
    const text = `${manifest.passport.owner} wearing a yellow coat, jumping, in the snow ${'x'.repeat(80)}`;
    const lines = wrap(text, 200, 15, 'regular');
    for (const line of lines) expect(measure(line, 15, 'regular')).toBeLessThanOrEqual(200);
    expect(lines.join('').replace(/ /g, '')).toBe(text.replace(/ /g, ''));
  });

  it('become outlines, never markup', () => {
    expect(outline('<script>&"', 0, 0, 15, 'bold')).toMatch(/^[MLQCZ0-9. -]+$/);
  });
});
