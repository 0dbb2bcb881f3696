const at = (bytes: Uint8Array, offset: number, ...expected: number[]): boolean =>
  expected.every((byte, index) => bytes[offset + index] === byte);

const ascii = (text: string): number[] => [...text].map((letter) => letter.charCodeAt(0));

/** What a file is by its first bytes: its name and its declared type are only what somebody claims. */
export function pictureTypeOf(bytes: Uint8Array): 'jpeg' | 'png' | 'webp' | undefined {
  if (at(bytes, 0, 0xff, 0xd8, 0xff)) return 'jpeg';
  if (at(bytes, 0, 0x89, ...ascii('PNG\r\n'), 0x1a, 0x0a)) return 'png';
  if (at(bytes, 0, ...ascii('RIFF')) && at(bytes, 8, ...ascii('WEBP'))) return 'webp';
  return undefined;
}
