import { existsSync, readFileSync } from 'node:fs';

/** The end of a log, or a note that there is none. */
export function lastLines(path: string, count: number): string {
  if (!existsSync(path)) return `(${path} was not written)`;
  return readFileSync(path, 'utf8').trimEnd().split('\n').slice(-count).join('\n');
}
