import { LocalCloudError } from '../errors.ts';
import { asList, asObject, isObject, type JsonObject } from '../json.ts';

/** Return the logical ids in an order where each comes after everything it refers to. */
export function creationOrder(resources: JsonObject): string[] {
  const ordered: string[] = [];
  const state = new Map<string, 'open' | 'done'>();
  const visit = (logicalId: string, trail: string[]): void => {
    if (state.get(logicalId) === 'done') return;
    if (state.get(logicalId) === 'open') {
      throw new LocalCloudError('template-invalid', `resources need each other: ${[...trail, logicalId].join(' -> ')}`);
    }
    state.set(logicalId, 'open');
    for (const needed of referencesOf(asObject(resources[logicalId]))) {
      if (needed in resources) visit(needed, [...trail, logicalId]);
    }
    state.set(logicalId, 'done');
    ordered.push(logicalId);
  };
  for (const logicalId of Object.keys(resources)) visit(logicalId, []);
  return ordered;
}

/** The names that a resource mentions, by `Ref`, `Fn::GetAtt`, `Fn::Sub` or `DependsOn`. */
export function referencesOf(resource: JsonObject): Set<string> {
  const names = new Set<string>();
  const dependsOn = resource.DependsOn;
  for (const name of Array.isArray(dependsOn) ? dependsOn : [dependsOn]) {
    if (typeof name === 'string') names.add(name);
  }
  gather(resource.Properties, names);
  return names;
}

function gather(value: unknown, names: Set<string>): void {
  if (Array.isArray(value)) {
    for (const item of value) gather(item, names);
    return;
  }
  if (!isObject(value)) return;
  for (const [key, item] of Object.entries(value)) {
    if (key === 'Ref') names.add(String(item));
    else if (key === 'Fn::GetAtt')
      names.add(Array.isArray(item) ? String(item[0]) : (String(item).split('.')[0] ?? ''));
    else if (key === 'Fn::Sub') gatherSubstitutions(item, names);
    else gather(item, names);
  }
}

function gatherSubstitutions(argument: unknown, names: Set<string>): void {
  const [text, table] = Array.isArray(argument) ? asList(argument) : [argument, {}];
  for (const [, name = ''] of String(text).matchAll(/\$\{([^}!]+)\}/g)) names.add(name.split('.')[0] ?? '');
  gather(table, names);
}
