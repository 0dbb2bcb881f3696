import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import opentype from 'opentype.js';

/**
 * Text as outlines from a font that comes with us: a machine without fonts draws the same sheet, and no text that somebody
 * typed is ever read as markup.
 */
export type Weight = 'regular' | 'bold';

const require = createRequire(import.meta.url);
const FILES: Record<Weight, string> = {
  regular: require.resolve('@fontsource/inter/files/inter-latin-400-normal.woff'),
  bold: require.resolve('@fontsource/inter/files/inter-latin-600-normal.woff'),
};
type Font = ReturnType<typeof opentype.parse>;
const fonts = new Map<Weight, Font>();

function fontOf(weight: Weight): Font {
  const known = fonts.get(weight);
  if (known) return known;
  const font = opentype.parse(new Uint8Array(readFileSync(FILES[weight])).buffer);
  fonts.set(weight, font);
  return font;
}

/** Width of a line in pixels. */
export function measure(text: string, size: number, weight: Weight): number {
  const font = fontOf(weight);
  return (
    ([...text].reduce((width, character) => width + font.charToGlyph(character).advanceWidth, 0) * size) /
    font.unitsPerEm
  );
}

/** SVG path data of a line that begins at x with its baseline at y. */
export function outline(text: string, x: number, y: number, size: number, weight: Weight): string {
  const font = fontOf(weight);
  let left = x;
  // Glyph by glyph: features such as ligatures are not needed, and the library knows only some of this font’s.
  return [...text]
    .map((character) => {
      const glyph = font.charToGlyph(character);
      const path = glyph.getPath(left, y, size).toPathData(1);
      left += (glyph.advanceWidth * size) / font.unitsPerEm;
      return path;
    })
    .join('');
}

/** Break text into lines no wider than `width`; a word that is wider by itself is broken inside. Nothing is left out. */
export function wrap(text: string, width: number, size: number, weight: Weight): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/).filter((part) => part !== '')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (measure(longer, size, weight) <= width) {
      line = longer;
      continue;
    }
    if (line !== '') lines.push(line);
    line = '';
    for (const character of word) {
      if (line !== '' && measure(line + character, size, weight) > width) {
        lines.push(line);
        line = '';
      }
      line += character;
    }
  }
  return line === '' ? lines : [...lines, line];
}
