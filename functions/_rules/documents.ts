import { parseDocument } from 'yaml';
import type { z } from 'zod';
import type { RejectionCode } from '../../lib/contracts/index.ts';
import { CallerError } from '../_shared/errors.ts';
import { describeProblems } from './problems.ts';

/** Read a user’s YAML file by its contract. Throws `CallerError` with a sentence that names the line or the field. */
export function readYaml<S extends z.ZodType>(
  bytes: Uint8Array,
  contract: S,
  code: RejectionCode,
  file: string,
): z.infer<S> {
  const document = parseDocument(readText(bytes, code, file), { schema: 'core', uniqueKeys: true, logLevel: 'error' });
  const [problem] = document.errors;
  if (problem) {
    const { line } = problem.linePos?.[0] ?? {};
    const kind = problem.code.toLowerCase().replaceAll('_', ' ');
    throw new CallerError(code, `${file} is not valid YAML${line ? `, line ${line}` : ''}: ${kind}.`);
  }
  let content: unknown;
  try {
    // No aliases: a few lines of them stand for gigabytes.
    content = document.toJS({ maxAliasCount: 0 });
  } catch (cause) {
    throw new CallerError(code, `${file} uses YAML aliases (*name), which are not taken.`, { cause });
  }
  return checkContent(content, contract, code, file);
}

export function checkContent<S extends z.ZodType>(
  content: unknown,
  contract: S,
  code: RejectionCode,
  file: string,
): z.infer<S> {
  const checked = contract.safeParse(content);
  if (checked.success) return checked.data;
  throw new CallerError(code, `${file}: ${describeProblems(checked.error.issues, content)}`);
}

export function readText(bytes: Uint8Array, code: RejectionCode, file: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new CallerError(code, `${file} is not UTF-8 text.`, { cause });
  }
}
