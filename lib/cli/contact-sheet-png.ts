import sharp from 'sharp';
import { captionOf, type Sheet, type SheetPicture, type SheetSubject } from './contact-sheet.ts';
import { createPage, type Page } from './sheet-page.ts';

const WIDTH = 1_360;
const MARGIN = 40;
const GAP = 20;
const COLUMNS = 4;
const CARD = (WIDTH - 2 * MARGIN - (COLUMNS - 1) * GAP) / COLUMNS;
const PAD = 14;
const REFERENCE = 150;
const INK = '#1d2433';
const SOFT = '#667085';
const ALARM = '#b42318';
const ACCENT = '#3d5afe';

/** The sheet as one picture: the same content as the page, for a README or a message. */
export async function sheetPng(sheet: Sheet): Promise<Buffer> {
  const page = createPage('#f5f6f9');
  let y =
    MARGIN +
    page.lines(sheet.campaign, MARGIN, MARGIN, WIDTH - 2 * MARGIN, { size: 32, weight: 'bold', fill: INK }) +
    6;
  for (const line of sheet.summary) y += page.lines(line, MARGIN, y, WIDTH - 2 * MARGIN, { size: 16, fill: SOFT });
  if (sheet.problem)
    y += page.lines(sheet.problem, MARGIN, y, WIDTH - 2 * MARGIN, { size: 16, weight: 'bold', fill: ALARM });
  for (const subject of sheet.subjects) y += (await drawSubject(page, subject, y + GAP)) + GAP;
  for (let first = 0; first < sheet.pictures.length; first += COLUMNS) {
    const row = sheet.pictures.slice(first, first + COLUMNS);
    const heights = await Promise.all(
      row.map((picture, column) => drawPicture(page, picture, MARGIN + column * (CARD + GAP), y + GAP)),
    );
    const tallest = Math.max(...heights);
    for (const column of row.keys()) page.card(MARGIN + column * (CARD + GAP), y + GAP, CARD, tallest);
    y += tallest + GAP;
  }
  return page.finish(WIDTH, Math.ceil(y + MARGIN));
}

/** References beside the facts of their subject. Returns the height it took. */
async function drawSubject(page: Page, { name, facts, references }: SheetSubject, top: number): Promise<number> {
  const left = MARGIN + PAD;
  const factsWidth = 380;
  let y = top + PAD + page.lines(name, left, top + PAD, factsWidth, { size: 22, weight: 'bold', fill: INK }) + 4;
  for (const [term, value] of facts) y += drawFact(page, term, value, left, y, factsWidth, 116);
  const across = left + factsWidth + GAP;
  const perRow = Math.max(1, Math.floor((WIDTH - MARGIN - PAD - across + 12) / (REFERENCE + 12)));
  let bottom = y;
  for (const [index, { file, png }] of references.entries()) {
    const x = across + (index % perRow) * (REFERENCE + 12);
    const at = top + PAD + Math.floor(index / perRow) * (REFERENCE + 30);
    page.picture(await scale(png, REFERENCE, REFERENCE), x, at);
    const height = page.lines(file, x, at + REFERENCE + 4, REFERENCE, { size: 12, fill: SOFT });
    bottom = Math.max(bottom, at + REFERENCE + 4 + height);
  }
  page.card(MARGIN, top, WIDTH - 2 * MARGIN, bottom + PAD - top);
  return bottom + PAD - top;
}

/** One picture with its prompt and every score. Returns the height it took. */
async function drawPicture(page: Page, picture: SheetPicture, left: number, top: number): Promise<number> {
  const { cell, png, absent } = picture;
  const { prompt, facts } = captionOf(picture);
  const height = Math.round((CARD * cell.height) / cell.width);
  const inner = CARD - 2 * PAD;
  if (png) page.picture(await scale(png, CARD, height), left, top);
  else {
    page.box(left, top, CARD, height, '#fef3f2');
    page.lines(absent ?? '', left + PAD, top + PAD, inner, { size: 15, fill: ALARM });
  }
  let y = top + height + 10;
  y += page.lines(prompt, left + PAD, y, inner, { size: 15, weight: 'bold', fill: INK }) + 4;
  if (cell.scores) {
    page.box(left + PAD, y, inner, 6, '#e3e6ec');
    page.box(left + PAD, y, inner * Math.max(0, cell.scores.similarity), 6, ACCENT);
    y += 12;
  }
  for (const [term, value] of facts) y += drawFact(page, term, value, left + PAD, y, inner, 124);
  return y + PAD - top;
}

function drawFact(
  page: Page,
  term: string,
  value: string,
  x: number,
  y: number,
  width: number,
  indent: number,
): number {
  page.lines(term, x, y, indent, { size: 13, fill: SOFT });
  return page.lines(value, x + indent, y, width - indent, { size: 13, fill: INK });
}

const scale = (png: Buffer, width: number, height: number): Promise<Buffer> =>
  sharp(png)
    .resize(Math.round(width), Math.round(height), { fit: 'contain', background: '#ffffff', kernel: 'lanczos3' })
    .png()
    .toBuffer();
