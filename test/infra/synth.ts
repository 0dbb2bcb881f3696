import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import featureFlags from 'aws-cdk-lib/recommended-feature-flags.json' with { type: 'json' };
import { inRepository } from '../../lib/constructs/repository.ts';
import type { StageConfig } from '../../lib/contracts/stage.ts';
import { TroupeStack } from '../../lib/stacks/index.ts';

/** A lock file and an encoder that only have to be there. */
export const FIXTURE_MODELS = inRepository('test/infra/models');

const CONFIG: StageConfig = {
  isolated: false,
  baseModel: 'paperdoll',
  use: 'commercial',
  maxvCpus: 16,
  cellsPerShard: 32,
  keepData: false,
  logRetentionDays: 14,
};

/** A resource as the template has it; tests read it, so its shape is not typed. */
export interface Resource {
  id: string;
  type: string;
  properties: any;
  deletionPolicy?: string;
}

const made = new Map<string, Resource[]>();

/** Synthesise the app without bundling and return its resources; the same question is answered from memory. */
export function synthesise(changes: Partial<StageConfig> = {}): Resource[] {
  const question = JSON.stringify(changes);
  const resources = made.get(question) ?? resourcesOf({ ...CONFIG, ...changes });
  made.set(question, resources);
  return resources;
}

function resourcesOf(config: StageConfig): Resource[] {
  // CDK checks every template against its schemas, which takes seconds: that is done once, by `validate` below.
  process.env.CDK_VALIDATION = 'false';
  const { Resources } = Template.fromStack(stackOf(config)).toJSON();
  return Object.entries(Resources).map(([id, resource]) => {
    const { Type, Properties, DeletionPolicy } = resource as any;
    return { id, type: Type, properties: Properties ?? {}, deletionPolicy: DeletionPolicy };
  });
}

/** The stack in an app of its own. */
export function stackOf(changes: Partial<StageConfig>, models = FIXTURE_MODELS): TroupeStack {
  const config = { ...CONFIG, ...changes };
  const app = new App({
    analyticsReporting: false,
    context: { ...featureFlags, 'aws:cdk:bundling-stacks': [], 'aws:cdk:disable-asset-staging': true },
  });
  return new TroupeStack(app, 'Troupe', { config, models });
}

/** Synthesise the app and return what CDK's own rules find wrong with its template. */
export function validate(changes: Partial<StageConfig>): unknown[] {
  process.env.CDK_VALIDATION = 'true';
  const assembly = App.of(stackOf({ ...CONFIG, ...changes }))?.synth();
  const report = JSON.parse(readFileSync(join(assembly?.directory ?? '', 'validation-report.json'), 'utf8'));
  return report.pluginReports;
}

export const ofType = (resources: Resource[], type: string): Resource[] =>
  resources.filter((resource) => resource.type === type);

/** The only resource of a type. */
export function theOne(resources: Resource[], type: string): Resource {
  const [found, ...more] = ofType(resources, type);
  if (found === undefined || more.length > 0) throw new Error(`${more.length + (found ? 1 : 0)} resources of ${type}`);
  return found;
}

/** The resource that a `Ref` or `Fn::GetAtt` leads to. */
export function follow(resources: Resource[], value: unknown): Resource {
  const pointer = value as { Ref?: string; 'Fn::GetAtt'?: [string, string] };
  const id = pointer.Ref ?? pointer['Fn::GetAtt']?.[0];
  const found = resources.find((resource) => resource.id === id);
  if (found === undefined) throw new Error(`${JSON.stringify(value)} leads nowhere`);
  return found;
}

/** Logical id without the hash that CDK adds. */
export const nameOf = (resource: Resource): string => resource.id.replace(/[0-9A-F]{8}$/, '');
