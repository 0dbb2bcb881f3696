import { readFileSync } from 'node:fs';
import { type Document, parseDocument } from 'yaml';
import type { z } from 'zod';
import { KnownError } from './errors.ts';

/** The bytes of a file that a person named, or a sentence when there is none. */
export function readBytes(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT') throw new KnownError('file_missing', `${path} does not exist.`, { cause: error });
    if (code === 'EISDIR') throw new KnownError('file_missing', `${path} is a folder, not a file.`, { cause: error });
    throw error;
  }
}

/** Read YAML that must keep a contract. Every broken field is named, with the line where YAML itself is broken. */
export function parseYaml<S extends z.ZodType>(text: string, path: string, schema: S): z.output<S> {
  const document = parseDocument(text, { prettyErrors: true, uniqueKeys: true });
  if (document.errors.length > 0)
    throw invalid(
      path,
      document.errors.map(({ message }) => message.split('\n')[0] ?? ''),
    );
  return check(withoutAliases(document, path), path, schema);
}

/** No aliases: a few lines of them stand for gigabytes. */
function withoutAliases(document: Document, path: string): unknown {
  try {
    return document.toJS({ maxAliasCount: 0 });
  } catch (cause) {
    throw invalid(path, ['the file: uses YAML aliases (*name), which are not taken: write out what they stand for'], {
      cause,
    });
  }
}

/** Check a value against a contract and name every field that breaks it. */
export function check<S extends z.ZodType>(value: unknown, path: string, schema: S): z.output<S> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw invalid(
    path,
    parsed.error.issues.flatMap((issue) => issuesInWords(issue)),
  );
}

/** A file is invalid for these reasons, one line each. */
export const invalid = (path: string, reasons: readonly string[], options?: ErrorOptions): KnownError =>
  new KnownError(
    'file_invalid',
    [`${path} is not valid:`, ...reasons.map((reason) => `  ${reason}`)].join('\n'),
    options,
  );

function issuesInWords(issue: z.core.$ZodIssue, above: readonly PropertyKey[] = []): string[] {
  const path = [...above, ...issue.path];
  // Of a union, the branch that came nearest says most: “expected string” beside it helps nobody.
  if (issue.code === 'invalid_union') {
    const nearest = issue.errors.toSorted((one, other) => depth(other) - depth(one))[0] ?? [];
    if (nearest.length > 0) return nearest.flatMap((inner) => issuesInWords(inner, path));
  }
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => `${fieldName([...path, key])}: there is no such field`);
  }
  if (issue.code === 'invalid_type' && issue.input === undefined && /received undefined/.test(issue.message)) {
    return [`${fieldName(path)}: is missing`];
  }
  return [`${fieldName(path)}: ${issue.message}`];
}

const depth = (issues: readonly z.core.$ZodIssue[]): number => Math.max(0, ...issues.map(({ path }) => path.length));

/** `passport.expires`, `references[2]`; the file itself when the path is empty. */
function fieldName(path: readonly PropertyKey[]): string {
  const name = path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`)).join('');
  return name.replace(/^\./, '') || 'the file';
}
