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
