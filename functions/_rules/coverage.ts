import type { Finding, PictureReading } from '../../lib/contracts/index.ts';
import { type Accepted, ADVICE, type Asked } from './advice.ts';

type Read = Accepted & { reading: PictureReading };

/** Pictures that a reader has seen. A product is no figure, and a reader of figures knows nothing of it. */
const readOf = (pictures: readonly Accepted[], { kind }: Asked): Read[] =>
  kind === 'product' ? [] : pictures.filter((picture): picture is Read => picture.reading !== undefined);

/** Pictures without anybody, with more than one asked for, or with the subject far away. */
export function findWhoIsShown(pictures: readonly Accepted[], asked: Asked): Finding[] {
  return readOf(pictures, asked).flatMap(({ file, reading: { figures, share } }): Finding[] => {
    if (figures === 0) {
      const sentence = `Nobody is seen in ${file}; take it out, or take one that shows the subject.`;
      return [{ code: 'no_figure', files: [file], sentence }];
    }
    const crowd = `${file} shows ${countWord(figures)} figures; cut it to the subject, or the others are learned with it.`;
    const far = `The subject fills ${Math.round(share * 100)} % of ${file}; cut it closer, or its face is lost.`;
    return [
      ...(figures > 1 && !asked.several ? [{ code: 'several_figures' as const, files: [file], sentence: crowd }] : []),
      ...(share < ADVICE.leastShare ? [{ code: 'small_subject' as const, files: [file], sentence: far }] : []),
    ];
  });
}

/** What all pictures of a set have in common and should not, and what to add. Too few pictures are told of as such. */
export function findThinCoverage(pictures: readonly Accepted[], asked: Asked): Finding[] {
  const read = readOf(pictures, asked);
  return [
    ...findSame(read, 'view', 'one_view', (all, view) => `${all} face ${faced(view)}; ${otherView(view)}.`),
    ...findSame(read, 'framing', 'one_framing', (all, framing) => `${all} ${framed(framing)}.`),
    // A reader of figures names what people do; what it calls the pose of an animal is a guess.
    ...(asked.kind === 'animal'
      ? []
      : findSame(read, 'pose', 'one_pose', (all, pose) => `${all} show one pose (${pose}); add another.`)),
  ];
}

function findSame(
  pictures: readonly Read[],
  what: 'view' | 'framing' | 'pose',
  code: Finding['code'],
  sentenceOf: (all: string, value: string) => string,
): Finding[] {
  const known = pictures.filter(({ reading }) => reading[what] !== undefined);
  const [value, ...others] = new Set(known.map(({ reading }) => reading[what]));
  // All of the set: a picture that could not be read may be the one that differs.
  if (value === undefined || others.length > 0 || known.length < Math.max(ADVICE.enoughPictures, pictures.length))
    return [];
  const sentence = sentenceOf(`All ${countWord(known.length)} references`, value);
  return [{ code, files: known.map(({ file }) => file), sentence }];
}

const faced = (view: string): string => (view === 'front' ? 'the front' : view);
const otherView = (view: string): string =>
  view === 'front' ? 'add one from the side' : 'add one that faces the front';

const FRAMED: Readonly<Record<string, string>> = {
  'full body': 'show the full body; add a portrait, so that the face is learned too',
  'half body': 'show half the body; add a portrait and a full body',
  portrait: 'are portraits; add one of the full body',
};
const framed = (framing: string): string => FRAMED[framing] ?? `are framed alike (${framing}); add one that is not`;

const WORDS = ['no', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten'];
const countWord = (count: number): string => WORDS[count] ?? String(count);
