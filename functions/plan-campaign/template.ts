/** What a prompt names in braces, each once, in the order of its first appearance. */
export interface Template {
  subjects: string[];
  characteristics: string[];
}

/** Stands for each subject of the prompt in turn. */
const ANY_SUBJECT = '{subject}';

/** The prompt once for each subject where it says `{subject}`; else the prompt itself. */
export const anySubject = (text: string, subjects: readonly string[]): string[] =>
  text.includes(ANY_SUBJECT) ? subjects.map((subject) => text.replaceAll(ANY_SUBJECT, `{${subject}}`)) : [text];

/** The names in braces, or undefined when a brace has no partner. */
export function placeholdersOf(text: string): string[] | undefined {
  const names = [...text.matchAll(/\{([^{}]*)\}/g)].map(([, name = '']) => name);
  return /[{}]/.test(text.replaceAll(/\{[^{}]*\}/g, '')) ? undefined : [...new Set(names)];
}

/** Put in the values that are given, and leave the other placeholders. */
export const fillIn = (text: string, values: Readonly<Record<string, string>>): string =>
  text.replaceAll(/\{([^{}]*)\}/g, (placeholder, name: string) =>
    Object.hasOwn(values, name) ? (values[name] ?? '') : placeholder,
  );
