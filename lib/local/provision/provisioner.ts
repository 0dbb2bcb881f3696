import type { Assembly } from '../assembly.ts';
import type { Blueprint } from '../blueprint.ts';
import type { Clients } from '../clients.ts';
import { LocalCloudError } from '../errors.ts';
import type { JsonObject } from '../json.ts';
import { physicalName } from '../names.ts';

/** What `Ref` and `Fn::GetAtt` give for a resource that exists. */
export interface Provisioned {
  ref: string;
  attributes: Record<string, string>;
}

/** One resource of the template, its properties resolved. */
export interface Resource {
  stackName: string;
  logicalId: string;
  type: string;
  properties: JsonObject;
}

/** What a provisioner may touch. */
export interface Site {
  clients: Clients;
  assembly: Assembly;
  blueprint: Blueprint;
}

export type Provisioner = (resource: Resource, site: Site) => Promise<Provisioned> | Provisioned;

/** The name that the template gives, or ours. */
export function nameOf(resource: Resource, property: string, longest: number): string {
  const given = resource.properties[property];
  return typeof given === 'string' ? given : physicalName(resource.stackName, resource.logicalId, longest);
}

export function arnOf(site: Site, service: string, rest: string): string {
  return `arn:aws:${service}:${site.assembly.region}:${site.assembly.account}:${rest}`;
}

/** The error for a property whose wiring we would otherwise drop in silence. */
export function unsupported(resource: Resource, what: string): LocalCloudError {
  return new LocalCloudError(
    'wiring-unsupported',
    `${resource.stackName}/${resource.logicalId} (${resource.type}): ${what} is not run by the local cloud`,
  );
}
