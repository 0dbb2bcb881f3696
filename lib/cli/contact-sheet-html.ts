import { captionOf, type Sheet, type SheetPicture, type SheetReference, type SheetSubject } from './contact-sheet.ts';

/** Text that somebody typed, safe between tags and inside quoted attributes. */
export function escapeHtml(text: string): string {
  const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? '');
}

const pngUri = (png: Buffer): string => `data:image/png;base64,${png.toString('base64')}`;

const facts = (pairs: readonly [string, string][]): string =>
  `<dl>${pairs.map(([name, value]) => `<dt>${escapeHtml(name)}</dt><dd>${escapeHtml(value)}</dd>`).join('')}</dl>`;

function referenceHtml({ file, png }: SheetReference): string {
  return `<figure class="reference"><img src="${pngUri(png)}" alt="${escapeHtml(file)}"><figcaption>${escapeHtml(file)}</figcaption></figure>`;
}

function subjectHtml({ name, facts: pairs, references }: SheetSubject): string {
  return `<section class="subject"><div><h2>${escapeHtml(name)}</h2>${facts(pairs)}</div>
<div class="references">${references.map(referenceHtml).join('')}</div></section>`;
}

function pictureHtml(picture: SheetPicture): string {
  const { cell, png, absent } = picture;
  const { prompt, facts: pairs } = captionOf(picture);
  const shown = png
    ? `<img src="${pngUri(png)}" alt="${escapeHtml(prompt)}" style="aspect-ratio:${cell.width}/${cell.height}">`
    : `<div class="absent" style="aspect-ratio:${cell.width}/${cell.height}">${escapeHtml(absent ?? '')}</div>`;
  const meter = cell.scores ? `<meter min="0" max="1" value="${Math.max(0, cell.scores.similarity)}"></meter>` : '';
  return `<article id="${escapeHtml(cell.cell)}">${shown}<p>${escapeHtml(prompt)}</p>${meter}${facts(pairs)}</article>`;
}

const STYLE = `
:root { color-scheme: light; --ink: #1d2433; --soft: #667085; --line: #e3e6ec; --page: #f5f6f9; --accent: #3d5afe; --alarm: #b42318 }
* { box-sizing: border-box }
body { margin: 0; padding: 32px clamp(16px, 4vw, 56px); background: var(--page); color: var(--ink); font: 15px/1.5 Inter, system-ui, sans-serif }
h1 { margin: 0; font-size: 30px; letter-spacing: -.02em } h2 { margin: 0 0 8px; font-size: 20px }
header p { margin: 2px 0; color: var(--soft) }
.problem { color: var(--alarm); font-weight: 600 }
section, article { background: #fff; border: 1px solid var(--line); border-radius: 14px }
.subject { display: flex; flex-wrap: wrap; gap: 20px 36px; padding: 20px; margin: 20px 0 }
.references { display: flex; flex-wrap: wrap; gap: 12px }
figure { margin: 0 } .reference img { width: 128px; height: 128px; object-fit: contain; border-radius: 10px; display: block }
figcaption { color: var(--soft); font-size: 12px; text-align: center; margin-top: 4px }
dl { display: grid; grid-template-columns: auto 1fr; gap: 2px 12px; margin: 0; font-size: 13px }
dt { color: var(--soft) } dd { margin: 0; overflow-wrap: anywhere; font-variant-numeric: tabular-nums }
main { display: grid; grid-template-columns: repeat(auto-fill, minmax(270px, 1fr)); gap: 18px }
article { overflow: hidden; padding-bottom: 14px } article > img, .absent { width: 100%; display: block }
.absent { display: grid; place-items: center; padding: 16px; background: #fef3f2; color: var(--alarm); text-align: center }
article p { margin: 10px 14px 6px; font-weight: 600; overflow-wrap: anywhere } article dl { margin: 0 14px }
meter { display: block; width: calc(100% - 28px); height: 10px; margin: 0 14px 6px }
footer { margin-top: 20px; color: var(--soft); font-size: 12px }`;

/** One page with no other file: what was asked for, what it was learned from, what came out, with every score. */
export function sheetHtml(sheet: Sheet): string {
  const title = escapeHtml(sheet.campaign);
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<title>${title}: contact sheet</title><style>${STYLE}</style></head><body>
<header><h1>${title}</h1>${sheet.summary.map((line) => `<p>${escapeHtml(line)}</p>`).join('')}
${sheet.problem === undefined ? '' : `<p class="problem">${escapeHtml(sheet.problem)}</p>`}</header>
${sheet.subjects.map(subjectHtml).join('\n')}
<main>${sheet.pictures.map(pictureHtml).join('\n')}</main>
<footer>Similarity: cosine between the picture and the mean of the subject’s references, by the identity encoder. Rank: place of the
subject among all subjects of the account. Nearest reference: the one that the picture is most like. Small pictures may be shown enlarged;
all numbers are of the picture as it was drawn.</footer>
</body></html>
`;
}
