import { describe, expect, it } from 'vitest';
import { encodeVector, findingsOf } from '../../../functions/_rules/index.ts';
import { unit } from '../../fakes/pictures.ts';

const family = { family: 'paperdoll' } as const;
const MINA = [1, 0, 0, 0];

/** A reference of a subject that looks like `direction`; every picture has a look and a digest of its own. */
function reference(name: string, changes: object = {}, direction = MINA) {
  const digit = name.charCodeAt(0).toString(16);
  return {
    file: `${name}.png`,
    picture: { key: name, sha256: digit.repeat(32), sizeBytes: 9 },
    ...{ width: 512, height: 512, vector: encodeVector(unit(Float32Array.from(direction))) },
    look: {
      hash: (BigInt(`0x${digit.repeat(8)}`) * 0x9e3779b97f4an).toString(16).slice(-16).padStart(16, '0'),
      sharpness: 30,
    },
    ...changes,
  };
}
const codes = (rows: ReturnType<typeof reference>[], model = family) => findingsOf(rows, model).map(({ code }) => code);
const set = () => ['a', 'b', 'c', 'd'].map((name) => reference(name));

describe('the doctor', () => {
  it('has nothing to say of four good pictures', () => {
    expect(findingsOf(set(), family)).toEqual([]);
  });

  it('names the picture that is somebody else, and nobody when nobody stands out', () => {
    const findings = findingsOf([...set(), reference('x', {}, [0, 1, 0, 0])], family);
    expect(findings).toMatchObject([{ code: 'somebody_else', files: ['x.png'] }]);
    const mixed = [MINA, [0, 1, 0, 0], [0, 0, 1, 0]].map((direction, at) => reference('abc'[at] ?? '', {}, direction));
    expect(codes(mixed)).toEqual([]);
  });

  it('does not call either of two pictures somebody else', () => {
    expect(codes([reference('a'), reference('x', {}, [0, 1, 0, 0])])).toEqual(['few_pictures']);
  });

  it('finds the same picture by its bytes, and to the eye', () => {
    const [a, b, c] = set();
    if (!a || !b || !c) throw new Error('three pictures');
    expect(findingsOf([a, { ...b, picture: a.picture }, c], family)).toMatchObject([
      { code: 'same_picture', files: ['a.png', 'b.png'] },
    ]);
    const nearly = {
      ...b,
      look: { ...a.look, hash: (BigInt(`0x${a.look.hash}`) ^ 0b10110n).toString(16).padStart(16, '0') },
    };
    expect(codes([a, nearly, c])).toEqual(['same_picture']);
    const other = {
      ...b,
      look: { ...a.look, hash: (BigInt(`0x${a.look.hash}`) ^ 0b10110111n).toString(16).padStart(16, '0') },
    };
    expect(codes([a, other, c])).toEqual([]);
  });

  it('tells of blur, of pictures smaller than what is drawn, and of sets of one or two', () => {
    const [a, b, c] = set();
    if (!a || !b || !c) throw new Error('three pictures');
    expect(codes([a, b, { ...c, look: { ...c.look, sharpness: 8 } }])).toEqual(['blurred']);
    const small = findingsOf([a, b, { ...c, width: 300 }], { family: 'sd15' });
    expect(small).toMatchObject([{ code: 'smaller_than_drawn', files: ['c.png'] }]);
    expect(codes([a])).toEqual(['few_pictures']);
    expect(codes([])).toEqual([]);
  });
});

describe('the doctor with a reader', () => {
  const seen = (reading: object) => ({ reading: { figures: 1, share: 0.3, ...reading } });
  const all = (...readings: object[]) => readings.map((reading, at) => reference('abcdef'[at] ?? '', seen(reading)));
  const VARIED = [
    { view: 'front', framing: 'portrait', pose: 'standing' },
    { view: 'left', framing: 'full body', pose: 'waving' },
    { view: 'front', framing: 'full body', pose: 'sitting' },
  ];
  const sentences = (rows: ReturnType<typeof reference>[], asked: object = {}) =>
    findingsOf(rows, { ...family, ...asked }).map(({ sentence }) => sentence);

  it('has nothing to say of pictures that differ in view, framing and pose', () => {
    expect(sentences(all(...VARIED))).toEqual([]);
  });

  it('says what to add where all pictures show the same', () => {
    const [a, b, c] = VARIED;
    const front = all(...[a, b, c, a].map((one) => ({ ...one, view: 'front' })));
    expect(findingsOf(front, family)).toMatchObject([
      {
        code: 'one_view',
        files: ['a.png', 'b.png', 'c.png', 'd.png'],
        sentence: 'All four references face the front; add one from the side.',
      },
    ]);
    const left = all(...VARIED.map((one) => ({ ...one, view: 'left' })));
    expect(sentences(left)).toEqual(['All three references face left; add one that faces the front.']);
    const close = all(...VARIED.map((one) => ({ ...one, framing: 'portrait' })));
    expect(sentences(close)).toEqual(['All three references are portraits; add one of the full body.']);
    const still = all(...VARIED.map((one) => ({ ...one, pose: 'arms raised' })));
    expect(sentences(still)).toEqual(['All three references show one pose (arms raised); add another.']);
  });

  it('says nothing of a set of which one picture could not be read, nor of one that is too small to vary', () => {
    const [a, b, c] = all(...VARIED.map((one) => ({ ...one, view: 'front' })));
    if (!a || !b || !c) throw new Error('three pictures');
    expect(codes([a, b, { ...c, ...seen({ ...VARIED[2], view: undefined }) }])).toEqual([]);
    expect(codes([a, b])).toEqual(['few_pictures']);
  });

  it('names pictures with nobody, with others, and with the subject far away', () => {
    const rows = all(...VARIED, { figures: 0, share: 0 }, { figures: 3 }, { share: 0.02 });
    expect(findingsOf(rows, family).map(({ code, files }) => [code, files])).toEqual([
      ['no_figure', ['d.png']],
      ['several_figures', ['e.png']],
      ['small_subject', ['f.png']],
    ]);
    expect(codes(rows)).toHaveLength(3);
    expect(findingsOf(rows, { ...family, several: true }).map(({ code }) => code)).toEqual([
      'no_figure',
      'small_subject',
    ]);
  });

  it('keeps to what a reader of figures can know of an animal, and of a product says nothing', () => {
    const rows = all(...Array.from({ length: 3 }, () => ({ view: 'front', framing: 'portrait', pose: 'sitting' })));
    expect(codes(rows)).toEqual(['one_view', 'one_framing', 'one_pose']);
    const of = (kind: 'animal' | 'product') => findingsOf(rows, { ...family, kind }).map(({ code }) => code);
    expect(of('animal')).toEqual(['one_view', 'one_framing']);
    expect(of('product')).toEqual([]);
  });
});
