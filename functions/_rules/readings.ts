import type { PictureReading } from '../../lib/contracts/index.ts';
import type { SeenFigure } from '../_shared/ports.ts';

/** What is kept of a picture’s figures. The largest is taken for the subject: who else is in the picture stands behind. */
export function readingOf(figures: readonly SeenFigure[]): PictureReading {
  const [first, ...rest] = figures;
  if (!first) return { figures: 0, share: 0 };
  const { share, attributes } = rest.reduce((most, one) => (one.share > most.share ? one : most), first);
  const { facing: view, framing, expression, pose } = attributes;
  return { figures: figures.length, share, view, framing, expression, pose };
}
