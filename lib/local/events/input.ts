import type { TargetPlan } from '../blueprint.ts';
import { isObject, type JsonObject } from '../json.ts';

/** What a target receives for an event: the event itself, a part of it, a constant, or a filled-in template. */
export function targetInput(target: TargetPlan, event: JsonObject): string {
  if (target.input !== undefined) return target.input;
  if (target.inputPath !== undefined) return JSON.stringify(valueAt(target.inputPath, event) ?? null);
  if (target.transformer !== undefined) return fillIn(target.transformer, event);
  return JSON.stringify(event);
}

function fillIn({ paths, template }: { paths: Record<string, string>; template: string }, event: JsonObject): string {
  const values: JsonObject = { 'aws.events.event': event, 'aws.events.event.json': event };
  for (const [name, path] of Object.entries(paths)) values[name] = valueAt(path, event);
  return template.replace(/"?<([^<>\s]+)>"?/g, (found, name: string, offset: number) => {
    if (!(name in values)) return found;
    const value = values[name];
    const opened = found.startsWith('"');
    const closed = found.endsWith('"');
    // Quotes around a lone placeholder are optional: `"<key>"` and `<key>` both give one JSON string.
    if (opened === closed) {
      const inText = !opened && isInsideText(template, offset);
      return inText ? plain(value) : JSON.stringify(value ?? '');
    }
    return `${opened ? '"' : ''}${plain(value)}${closed ? '"' : ''}`;
  });
}

/** Whether the place in the template lies between two quotes. */
function isInsideText(template: string, offset: number): boolean {
  return (template.slice(0, offset).match(/(?<!\\)"/g) ?? []).length % 2 === 1;
}

function plain(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value ?? '');
  return JSON.stringify(text).slice(1, -1);
}

/** Follow a path like `$.detail.object.key` or `$.resources[0]`. */
function valueAt(path: string, event: JsonObject): unknown {
  let value: unknown = event;
  for (const step of path.replace(/^\$\.?/, '').match(/[^.[\]]+/g) ?? []) {
    if (Array.isArray(value)) value = value[Number(step)];
    else value = isObject(value) ? value[step] : undefined;
  }
  return value;
}
