import type { JobDefinitionPlan } from '../blueprint.ts';
import { isObject } from '../json.ts';

/** What a submitted job changes of its definition's container. */
export interface ContainerOverrides {
  command: string[] | undefined;
  environment: Record<string, string>;
}

/** Put parameter values in place of `Ref::name` words; a word without a value stays as it is. */
export function substituteParameters(command: string[], parameters: Record<string, string>): string[] {
  return command.map((word) => word.replace(/^Ref::(.+)$/, (whole, name: string) => parameters[name] ?? whole));
}

/** The container's command: the definition's, or the job's own, with the parameters of both. */
export function jobCommand(
  definition: Pick<JobDefinitionPlan, 'command' | 'parameters'>,
  overrides: Pick<ContainerOverrides, 'command'>,
  parameters: Record<string, string>,
): string[] {
  return substituteParameters(overrides.command ?? definition.command, { ...definition.parameters, ...parameters });
}

/** Words and values of a request are text or the request is wrong; read them as a table. */
export function textFields(value: unknown): Record<string, string> {
  if (!isObject(value)) return {};
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, String(item)]));
}
