import { type Finding, NATIVE_SIZE } from '../../lib/contracts/index.ts';
import { type Accepted, ADVICE, type Asked } from './advice.ts';
import { findThinCoverage, findWhoIsShown } from './coverage.ts';
import { cosine, decodeVector, meanDirection } from './vectors.ts';
import { nameSome } from './waits.ts';

const MOST = 100;

/** What there is to say of a subject's pictures before any GPU is used, in the order in which it matters. */
export function findingsOf(rows: readonly Accepted[], asked: Asked): Finding[] {
  const pictures = rows.filter(({ picture }) => picture !== undefined);
  const findings = [
    ...findStranger(pictures),
    ...findDuplicates(pictures),
    ...findWhoIsShown(pictures, asked),
    ...findBlurred(pictures),
    ...findSmall(pictures, asked),
    ...findFew(pictures),
    ...findThinCoverage(pictures, asked),
  ];
  // A row has its limits, and nobody reads more: a folder of a thousand copies is told of by its first hundred.
  return findings.slice(0, MOST).map((finding) => ({ ...finding, files: finding.files.slice(0, MOST) }));
}

/** The picture that is somebody else: far less like the others than those are like each other. Three make a majority. */
function findStranger(pictures: readonly Accepted[]): Finding[] {
  const known = pictures.flatMap(({ file, vector }) => (vector ? [{ file, vector: decodeVector(vector) }] : []));
  if (known.length < 3) return [];
  const likeness = known.map(({ file, vector }) => {
    const others = known.filter((other) => other.file !== file).map((other) => other.vector);
    const [first, ...rest] = others;
    return { file, value: first ? cosine(vector, meanDirection([first, ...rest])) : 1 };
  });
  const sorted = likeness.toSorted((one, other) => one.value - other.value);
  const [least, next] = sorted;
  if (!least || !next || next.value - least.value < ADVICE.strangerGap) return [];
  const sentence = `${least.file} does not look like the subject of the other pictures; take it out if it is somebody else.`;
  return [{ code: 'somebody_else', files: [least.file], sentence }];
}

/** Groups of pictures that are one picture: the same bytes, or the same to the eye. */
function findDuplicates(pictures: readonly Accepted[]): Finding[] {
  const groups: Accepted[][] = [];
  for (const picture of pictures) {
    const group = groups.find(([first]) => first && isSame(first, picture));
    if (group) group.push(picture);
    else groups.push([picture]);
  }
  return groups
    .filter(({ length }) => length > 1)
    .map((group) => {
      const files = group.map(({ file }) => file);
      const sentence = `${nameSome(files)} are the same picture; one of them is enough, and another pose or side would teach more.`;
      return { code: 'same_picture', files, sentence };
    });
}

const isSame = (one: Accepted, other: Accepted): boolean =>
  one.picture?.sha256 === other.picture?.sha256 ||
  (one.look !== undefined &&
    other.look !== undefined &&
    bitsApart(one.look.hash, other.look.hash) <= ADVICE.sameHashBits);

/** In how many bits two hashes differ. */
export function bitsApart(one: string, other: string): number {
  let bits = BigInt(`0x${one}`) ^ BigInt(`0x${other}`);
  let count = 0;
  for (; bits > 0n; bits >>= 1n) count += Number(bits & 1n);
  return count;
}

const findBlurred = (pictures: readonly Accepted[]): Finding[] =>
  pictures
    .filter(({ look }) => look !== undefined && look.sharpness < ADVICE.leastSharpness)
    .map(({ file }) => ({
      code: 'blurred',
      files: [file],
      sentence: `${file} is blurred or nearly empty; a sharper picture would keep its details.`,
    }));

function findSmall(pictures: readonly Accepted[], { family }: Asked): Finding[] {
  const side = NATIVE_SIZE[family];
  return pictures
    .filter(({ width = side, height = side }) => Math.min(width, height) < side)
    .map(({ file, width, height }) => ({
      code: 'smaller_than_drawn',
      files: [file],
      sentence: `${file} is ${width} × ${height} pixels; the base model draws ${side} × ${side}, so it will be enlarged.`,
    }));
}

function findFew(pictures: readonly Accepted[]): Finding[] {
  if (pictures.length === 0 || pictures.length >= ADVICE.enoughPictures) return [];
  const have = pictures.length === 1 ? 'is one picture' : `are ${pictures.length} pictures`;
  const sentence = `There ${have}; ${ADVICE.enoughPictures} or more, from other sides, in other poses and places, leave less to be guessed.`;
  return [{ code: 'few_pictures', files: pictures.map(({ file }) => file), sentence }];
}
