import type { BaseModelRef, Kind, ReferenceRow } from '../../lib/contracts/index.ts';

/** What the doctor goes by. None of it refuses a picture: what cannot be used at all was refused when it arrived. */
export const ADVICE = {
  /** Bits of 64 in which two pictures of the same thing, saved twice, may differ: re-encoding and scaling move up to 4. */
  sameHashBits: 5,
  /** Spread of the Laplacian, in grey levels, of a picture 256 px wide; a drawing in focus has 33, blurred by 3 px of 128 it has 8. */
  leastSharpness: 12,
  /** How much less than the next picture one may be like the rest of its set. Measured on 70 sets of three pictures and a stranger:
   * 77 % of strangers found, 4 % of sets of one subject suspected. */
  strangerGap: 0.35,
  /** Fewer pictures than this leave most of a subject to be guessed. */
  enoughPictures: 3,
  /** Share of the picture's area. A whole body of the demo fills 0.24 to 0.31 of it; of a twentieth, the face is a few pixels. */
  leastShare: 0.05,
} as const;

/** What is judged of a reference. */
export type Accepted = Pick<ReferenceRow, 'file' | 'picture' | 'width' | 'height' | 'vector' | 'look' | 'reading'>;

/** What the pictures are for. */
export interface Asked {
  family: BaseModelRef['family'];
  /** A character, when nobody says. */
  kind?: Kind | undefined;
  /** Whether a picture is to show several subjects. */
  several?: boolean;
}
