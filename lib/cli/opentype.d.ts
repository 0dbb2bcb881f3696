/** The part of opentype.js that outlines text; the package has no types of its own. */
declare module 'opentype.js' {
  interface Glyph {
    advanceWidth: number;
    getPath(x: number, y: number, fontSize: number): { toPathData(decimalPlaces: number): string };
  }
  interface Font {
    unitsPerEm: number;
    charToGlyph(character: string): Glyph;
  }
  const opentype: { parse(buffer: ArrayBuffer): Font };
  export default opentype;
}
