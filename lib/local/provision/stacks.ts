import type { Assembly, StackTemplate } from '../assembly.ts';
import { LocalCloudError } from '../errors.ts';
import { asObject, asText, type JsonObject } from '../json.ts';
import { conditionsOf } from '../template/conditions.ts';
import { creationOrder } from '../template/order.ts';
import { resolve, type Scope } from '../template/resolve.ts';
import { INERT_TYPES, standIn } from './inert.ts';
import type { Provisioned, Resource, Site } from './provisioner.ts';
import { CREATED_TYPES, EMULATED_TYPES } from './types.ts';

/** Outputs by stack and then by name. */
export type Outputs = Record<string, Record<string, string>>;

/** Create what every stack asks for, in order, and return the outputs. */
export async function provisionStacks(site: Site): Promise<Outputs> {
  const outputs: Outputs = {};
  const exported = new Map<string, unknown>();
  for (const stack of site.assembly.stacks) outputs[stack.stackName] = await provisionStack(stack, site, exported);
  return outputs;
}

/** Stop at the first resource of a type that is in no list, before anything is started: wiring is never dropped in silence. */
export function refuseUnknownTypes({ stacks }: Pick<Assembly, 'stacks'>): void {
  for (const { stackName, template } of stacks) {
    for (const [logicalId, value] of Object.entries(asObject(template.Resources))) {
      const type = asText(asObject(value).Type) ?? '';
      if (type in CREATED_TYPES || type in EMULATED_TYPES || INERT_TYPES.has(type)) continue;
      throw new LocalCloudError(
        'resource-type-unknown',
        `${stackName}/${logicalId}: the local cloud does not know the resource type ${type}`,
      );
    }
  }
}

async function provisionStack(
  { stackName, template }: StackTemplate,
  site: Site,
  exported: Map<string, unknown>,
): Promise<Record<string, string>> {
  const made = new Map<string, Provisioned>();
  const scope = scopeOf(stackName, template, site, made, exported);
  const resources = asObject(template.Resources);
  for (const logicalId of creationOrder(resources)) {
    const declared = asObject(resources[logicalId]);
    if (typeof declared.Condition === 'string' && !scope.condition(declared.Condition)) continue;
    const type = asText(declared.Type) ?? '';
    const resource: Resource = { stackName, logicalId, type, properties: {} };
    const provision = CREATED_TYPES[type] ?? EMULATED_TYPES[type];
    if (provision === undefined) {
      made.set(logicalId, standIn({ ...resource, properties: asObject(declared.Properties) }, site));
      continue;
    }
    try {
      resource.properties = asObject(resolve(declared.Properties, scope));
      made.set(logicalId, await provision(resource, site));
    } catch (error) {
      if (error instanceof LocalCloudError) throw error;
      throw new LocalCloudError('resource-failed', `${stackName}/${logicalId} (${type}): ${String(error)}`, {
        cause: error,
      });
    }
  }
  return outputsOf(template, scope, exported);
}

function scopeOf(
  stackName: string,
  template: JsonObject,
  site: Site,
  made: Map<string, Provisioned>,
  exported: Map<string, unknown>,
): Scope {
  const parameters = asObject(template.Parameters);
  const missing = (what: string) => new LocalCloudError('template-invalid', `${stackName}: ${what}`);
  const scope: Scope = {
    stackName,
    account: site.assembly.account,
    region: site.assembly.region,
    mappings: asObject(template.Mappings),
    ref: (name) => {
      const resource = made.get(name);
      if (resource !== undefined) return resource.ref;
      const parameter = asObject(parameters[name]);
      if ('Default' in parameter) return parameter.Default;
      throw missing(
        name in parameters ? `the parameter ${name} has no default` : `Ref to ${name}, which does not exist`,
      );
    },
    attribute: (logicalId, attribute) => {
      const attributes = made.get(logicalId)?.attributes;
      if (attributes === undefined || !(attribute in attributes))
        throw missing(`no attribute ${logicalId}.${attribute}`);
      return attributes[attribute] ?? '';
    },
    imported: (name) => {
      if (!exported.has(name)) throw missing(`nothing is exported as ${name}`);
      return exported.get(name);
    },
    condition: conditionsOf(asObject(template.Conditions), (operand) => resolve(operand, scope)),
  };
  return scope;
}

function outputsOf(template: JsonObject, scope: Scope, exported: Map<string, unknown>): Record<string, string> {
  const outputs: Record<string, string> = {};
  for (const [name, value] of Object.entries(asObject(template.Outputs))) {
    const output = asObject(value);
    if (typeof output.Condition === 'string' && !scope.condition(output.Condition)) continue;
    const resolved = resolve(output.Value, scope);
    outputs[name] = String(resolved);
    if (output.Export !== undefined) exported.set(String(resolve(asObject(output.Export).Name, scope)), resolved);
  }
  return outputs;
}
