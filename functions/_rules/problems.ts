import type { z } from 'zod';

type Issue = z.core.$ZodIssue;

const SHOWN = 3;

/** What is wrong with a user’s file, in words that name the field: the first few problems, and how many more there are. */
export function describeProblems(issues: readonly Issue[], content: unknown): string {
  const sentences = issues.slice(0, SHOWN).map((issue) => describe(issue, content));
  const more = issues.length - SHOWN;
  return `${sentences.join('; ')}${more > 0 ? `; and ${more} more` : ''}.`;
}

function describe(issue: Issue, content: unknown): string {
  const field = fieldOf(issue.path);
  if (issue.code !== 'unrecognized_keys' && valueAt(content, issue.path) === undefined)
    return `${field || 'the file'} is missing`;
  switch (issue.code) {
    case 'unrecognized_keys':
      return `${field ? `${field}: ` : ''}unknown field ${issue.keys.join(', ')}`;
    case 'invalid_value':
      return `${field} must be one of ${issue.values.join(', ')}`;
    case 'invalid_type':
      return `${field || 'the file'} must be ${KINDS[issue.expected] ?? issue.expected}`;
    case 'invalid_format':
      return `${field} ${FORMATS[issue.format] ?? `must have the form ${'pattern' in issue ? issue.pattern : issue.format}`}`;
    case 'invalid_key':
      return `${field} has a name that is not allowed`;
    case 'invalid_union':
      return describeUnion(issue, content);
    default:
      return `${field}: ${issue.message}`;
  }
}

/** Of several forms that a field may have, describe what is wrong with the one that was most likely meant. */
function describeUnion(issue: z.core.$ZodIssueInvalidUnion, content: unknown): string {
  const firsts = issue.errors.flatMap(([first]) => (first ? [{ ...first, path: [...issue.path, ...first.path] }] : []));
  const values = firsts.flatMap((first) =>
    first.code === 'invalid_value' && first.path.length === issue.path.length ? first.values : [],
  );
  if (values.length > 0) return `${fieldOf(issue.path)} must be one of ${values.join(', ')}`;
  const meant = firsts.find((first) => first.code !== 'invalid_type' || first.path.length > issue.path.length);
  return meant ? describe(meant as Issue, content) : `${fieldOf(issue.path)} has a form that is not known`;
}

const KINDS: Record<string, string> = {
  object: 'a group of fields',
  record: 'a group of fields',
  array: 'a list',
  string: 'text',
  int: 'a whole number',
};

const FORMATS: Record<string, string> = {
  date: 'must be a date such as 2027-12-31',
  datetime: 'must be a time with its zone, such as 2026-12-01T09:00:00+01:00',
};

/** `passport.expires`, `prompts[2].text`. */
function fieldOf(path: readonly PropertyKey[]): string {
  return path.reduce<string>((field, part) => {
    if (typeof part === 'number') return `${field}[${part}]`;
    return field ? `${field}.${String(part)}` : String(part);
  }, '');
}

const valueAt = (content: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>((value, part) => (value as Record<PropertyKey, unknown> | undefined | null)?.[part], content);
