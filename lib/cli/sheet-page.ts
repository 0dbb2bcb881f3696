import sharp, { type OverlayOptions } from 'sharp';
import { outline, type Weight, wrap } from './text-outlines.ts';

const LINE_HEIGHT = 1.4;

interface Lettering {
  size: number;
  weight?: Weight;
  fill: string;
}

/** A page on which things are laid in any order; it is drawn once, when its height is known. */
export interface Page {
  /** White ground with a hairline; it lies under everything else. */
  card(x: number, y: number, width: number, height: number): void;
  box(x: number, y: number, width: number, height: number, fill: string): void;
  /** Write text from the top left corner, wrapped; returns the height it took. */
  lines(text: string, x: number, y: number, width: number, lettering: Lettering): number;
  picture(png: Buffer, x: number, y: number): void;
  finish(width: number, height: number): Promise<Buffer>;
}

export function createPage(ground: string): Page {
  const cards: string[] = [];
  const marks: string[] = [];
  const pictures: OverlayOptions[] = [];
  const rectangle = (x: number, y: number, width: number, height: number, style: string) =>
    `<rect x="${x}" y="${y}" width="${width}" height="${height}" ${style}/>`;
  return {
    card: (x, y, width, height) => {
      cards.push(rectangle(x, y, width, height, 'rx="12" fill="#ffffff" stroke="#e3e6ec"'));
    },
    box: (x, y, width, height, fill) => {
      marks.push(rectangle(x, y, width, height, `fill="${fill}"`));
    },
    lines(text, x, y, width, { size, weight = 'regular', fill }) {
      const lines = wrap(text, width, size, weight);
      lines.forEach((line, index) => {
        // The baseline lies about one size below the top of its line.
        marks.push(
          `<path d="${outline(line, x, y + size * (1.05 + index * LINE_HEIGHT), size, weight)}" fill="${fill}"/>`,
        );
      });
      return lines.length * size * LINE_HEIGHT;
    },
    picture: (png, x, y) => {
      pictures.push({ input: png, left: Math.round(x), top: Math.round(y) });
    },
    finish(width, height) {
      const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${[...cards, ...marks].join('')}</svg>`;
      return sharp({ create: { width, height, channels: 3, background: ground } })
        .composite([{ input: Buffer.from(svg), left: 0, top: 0 }, ...pictures])
        .png()
        .toBuffer();
    },
  };
}
