import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { LocalCloudError } from './errors.ts';
import { asList, asObject, asText, type JsonObject } from './json.ts';

/** One synthesised stack: its name and its template as CloudFormation would receive it. */
export interface StackTemplate {
  stackName: string;
  template: JsonObject;
}

/** A container image that the assembly would build. */
export interface ImageAsset {
  directory: string;
  dockerFile: string;
}

/** What `cdk synth` wrote: stacks in the order of their dependencies, and the assets by hash. */
export interface Assembly {
  stacks: StackTemplate[];
  files: Map<string, string>;
  images: Map<string, ImageAsset>;
  account: string;
  region: string;
}

const DEFAULT_ACCOUNT = '123456789012';
const DEFAULT_REGION = 'us-east-1';

interface StackArtifact {
  id: string;
  dependencies: string[];
  environment: string;
  stack: StackTemplate;
}

/** Read the cloud assembly in `cdkOut`, nested assemblies of stages included. */
export function readAssembly(cdkOut: string): Assembly {
  const found: StackArtifact[] = [];
  const files = new Map<string, string>();
  const images = new Map<string, ImageAsset>();
  collect(resolve(cdkOut), found, files, images);
  const { account, region } = commonEnvironment(found);
  return { stacks: inDependencyOrder(found), files, images, account, region };
}

function collect(
  folder: string,
  found: StackArtifact[],
  files: Map<string, string>,
  images: Map<string, ImageAsset>,
): void {
  const manifest = readJson(join(folder, 'manifest.json'));
  for (const [id, value] of Object.entries(asObject(manifest.artifacts))) {
    const artifact = asObject(value);
    const properties = asObject(artifact.properties);
    if (artifact.type === 'aws:cloudformation:stack') {
      found.push({
        id,
        dependencies: asList(artifact.dependencies).map(String),
        environment: asText(artifact.environment) ?? '',
        stack: {
          stackName: asText(properties.stackName) ?? id,
          template: readJson(join(folder, asText(properties.templateFile) ?? `${id}.template.json`)),
        },
      });
    } else if (artifact.type === 'cdk:asset-manifest') {
      collectAssets(join(folder, asText(properties.file) ?? `${id}.json`), files, images);
    } else if (artifact.type === 'cdk:cloud-assembly') {
      collect(join(folder, asText(properties.directoryName) ?? id), found, files, images);
    }
  }
}

function collectAssets(path: string, files: Map<string, string>, images: Map<string, ImageAsset>): void {
  const manifest = readJson(path);
  const folder = dirname(path);
  for (const [hash, value] of Object.entries(asObject(manifest.files))) {
    const source = asText(asObject(asObject(value).source).path);
    if (source !== undefined) files.set(hash, resolve(folder, source));
  }
  for (const [hash, value] of Object.entries(asObject(manifest.dockerImages))) {
    const source = asObject(asObject(value).source);
    const directory = asText(source.directory);
    if (directory === undefined) continue;
    images.set(hash, { directory: resolve(folder, directory), dockerFile: asText(source.dockerFile) ?? 'Dockerfile' });
  }
}

/** The one account and region of all stacks; a template without an environment gets the dummy ones. */
function commonEnvironment(found: StackArtifact[]): { account: string; region: string } {
  const places = new Set(found.map((artifact) => artifact.environment));
  if (places.size > 1) {
    throw new LocalCloudError(
      'wiring-unsupported',
      `the stacks are for several environments (${[...places].join(', ')}); the local cloud is one account in one region`,
    );
  }
  const [account = '', region = ''] = ([...places][0] ?? '').replace('aws://', '').split('/');
  return {
    account: /^\d{12}$/.test(account) ? account : DEFAULT_ACCOUNT,
    region: region !== '' && region !== 'unknown-region' ? region : DEFAULT_REGION,
  };
}

function inDependencyOrder(found: StackArtifact[]): StackTemplate[] {
  const byId = new Map(found.map((artifact) => [artifact.id, artifact]));
  const ordered = new Set<StackArtifact>();
  const visit = (artifact: StackArtifact): void => {
    if (ordered.has(artifact)) return;
    for (const id of artifact.dependencies) {
      const dependency = byId.get(id);
      if (dependency !== undefined && dependency !== artifact) visit(dependency);
    }
    ordered.add(artifact);
  };
  for (const artifact of found) visit(artifact);
  return [...ordered].map((artifact) => artifact.stack);
}

function readJson(path: string): JsonObject {
  if (!existsSync(path)) {
    throw new LocalCloudError('assembly-missing', `${path} does not exist: synthesise the app first`);
  }
  return asObject(JSON.parse(readFileSync(path, 'utf8')));
}
