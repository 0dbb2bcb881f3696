import type { JobProgress } from '../contracts/index.ts';

/** How long ago, or how long: the largest unit that says enough. */
export function inWords(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3_600) return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s`;
  if (whole < 86_400)
    return `${Math.floor(whole / 3_600)} h ${String(Math.floor((whole % 3_600) / 60)).padStart(2, '0')} min`;
  return `${Math.floor(whole / 86_400)} d ${Math.floor((whole % 86_400) / 3_600)} h`;
}

export function since(timestamp: string, now: Date): string {
  return inWords((now.getTime() - Date.parse(timestamp)) / 1_000);
}

/** Two figures after the point: more would be noise. */
export const similarityInWords = (similarity: number): string => similarity.toFixed(3);

export function progressInWords({ phase, step, of, secondsLeft }: JobProgress): string {
  const left = secondsLeft === null ? '' : `, ${inWords(secondsLeft)} left`;
  return `${phase} ${step}/${of}${left}`;
}

/** Lines of text with aligned columns; the first row is the heading. No cell is cut. */
export function formatTable(heading: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [heading, ...rows];
  const widths = heading.map((_, column) => Math.max(...all.map((row) => (row[column] ?? '').length)));
  return all
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** A name and what is known of it, a line each; what is undefined has no line. */
export function formatFacts(name: string, facts: Record<string, string | undefined>): string {
  const known = Object.entries(facts).filter(([, value]) => value !== undefined);
  const width = Math.max(0, ...known.map(([term]) => term.length));
  return [name, ...known.map(([term, value]) => `  ${term.padEnd(width)}  ${value}`)].join('\n');
}

/** A heading and its table, or nothing when the table would be empty. */
export function section(title: string, heading: readonly string[], rows: readonly (readonly string[])[]): string[] {
  return rows.length === 0 ? [] : [`${title}\n${indent(formatTable(heading, rows))}`];
}

export const indent = (text: string): string => text.replace(/^(?=.)/gm, '  ');
