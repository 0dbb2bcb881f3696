import { cpSync, globSync, mkdtempSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import type { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { describe, expect, it } from 'vitest';
import { bundleOf } from '../../lib/constructs/function-bundle.ts';
import { installNativeModules } from '../../lib/constructs/native-modules.ts';
import { inRepository } from '../../lib/constructs/repository.ts';
import { ENVIRONMENT } from '../../lib/contracts/environment.ts';
import { findNet, readBaseModel } from '../../lib/stacks/index.ts';
import { FIXTURE_MODELS, ofType, stackOf, synthesise, validate } from './synth.ts';

const resources = synthesise();
const functions = ofType(resources, 'AWS::Lambda::Function');
const variables = (id: string) =>
  functions.find((fn) => fn.id.startsWith(id))?.properties.Environment.Variables as Record<string, unknown>;

describe('the stack', () => {
  it('names nothing: a second stage may stand beside the first', () => {
    const naming =
      /^(BucketName|TableName|QueueName|RoleName|PolicyName|LogGroupName|LaunchTemplateName|GroupName|Name)$|^(Job|Compute).*Name$/;
    const named = resources
      // CloudFormation asks for the name of an inline policy; it is unique within its role alone.
      .filter(({ type }) => type !== 'AWS::IAM::Policy')
      .flatMap(({ id, properties }) =>
        Object.keys(properties)
          // What another resource is called is no name that we give.
          .filter((key) => naming.test(key) && !properties[key]?.Ref)
          .map((key) => `${id}.${key}`),
      );
    expect(named).toEqual([]);
    expect(functions.filter(({ properties }) => 'FunctionName' in properties)).toEqual([]);
  });

  it('has no custom resource, and no function but ours', () => {
    expect(resources.filter(({ type }) => /^Custom::|CustomResource/.test(type))).toEqual([]);
    expect(functions).toHaveLength(6);
  });

  it.each([{ isolated: false }, { isolated: true, keepData: true }])(
    'passes CDK’s own rules: %o',
    (changes) => {
      expect(validate(changes)).toEqual([]);
    },
    180_000,
  );

  it('keeps no log for ever', () => {
    const logs = ofType(resources, 'AWS::Logs::LogGroup');
    expect(logs.every(({ properties }) => properties.RetentionInDays === 14)).toBe(true);
    expect(logs).toHaveLength(functions.length + 1);
  });
});

describe('functions', () => {
  it('run on Node 24, on x86, each with a log of its own', () => {
    for (const { properties } of functions) {
      expect(properties).toMatchObject({ Runtime: 'nodejs24.x', Architectures: ['x86_64'], Handler: 'index.handler' });
    }
    const logs = functions.map(({ properties }) => properties.LoggingConfig.LogGroup.Ref);
    expect(new Set(logs).size).toBe(functions.length);
  });

  it('read no variable but those of the contract and of the runtime', () => {
    const known = [...Object.values(ENVIRONMENT), 'NODE_OPTIONS', 'MALLOC_ARENA_MAX', 'VIPS_BLOCK_UNTRUSTED'];
    const used = functions.flatMap(({ properties }) => Object.keys(properties.Environment.Variables));
    expect(used.filter((name) => !known.includes(name))).toEqual([]);
  });

  it('learn the base model by name, family and digest where jobs are made', () => {
    const digest = '506ca3f3a9d68982931ee441a1f2c8251a0b6e920603f62d0d3240ec2c5f61d6';
    const expected = { name: 'paperdoll', family: 'paperdoll', digest };
    expect(JSON.parse(String(variables('PlanCampaign').BASE_MODEL))).toEqual(expected);
    expect(JSON.parse(String(variables('StartJob').BASE_MODEL))).toEqual(expected);
  });
});

describe('what a synthesis needs', () => {
  it('is a lock file', () => {
    const empty = mkdtempSync(join(tmpdir(), 'troupe-'));
    expect(() => readBaseModel(empty, 'paperdoll', 'commercial')).toThrow(/models-lock-missing/);
  });

  it('is a base model that the lock file has', () => {
    expect(() => readBaseModel(FIXTURE_MODELS, 'sd15', 'commercial')).toThrow(/model-unknown.*"sd15".*paperdoll/);
  });

  it('is a licence that allows what the stage is declared to be for', () => {
    const models = mkdtempSync(join(tmpdir(), 'troupe-'));
    const file = { file: 'unet/config.json', bytes: 3, sha256: '0'.repeat(64) };
    const paid = { family: 'sdxl', licence: 'CC-BY-NC-4.0', commercialUse: false, files: [file] };
    writeFileSync(join(models, 'models.lock.json'), JSON.stringify({ models: { paid } }));
    expect(() => readBaseModel(models, 'paid', 'commercial')).toThrow(/model-licence.*CC-BY-NC-4\.0/);
    expect(readBaseModel(models, 'paid', 'research').family).toBe('sdxl');
  });

  it('is an identity encoder, for functions that look at pictures', () => {
    const code = bundleOf('ingest-upload', { encoder: inRepository('no-such-folder') });
    expect(() => code.bind(new Stack())).toThrow(/encoder-missing/);
  });

  it('is no reader, but one that is there is whole', () => {
    expect(findNet(FIXTURE_MODELS, 'reader')).toBeUndefined();
    const nets = { encoder: inRepository('test/fixtures/identity'), reader: inRepository('no-such-folder') };
    expect(() => bundleOf('ingest-upload', nets).bind(new Stack())).toThrow(/reader-missing/);
  });

  it('is no upscaler, but one that is there is whole', () => {
    expect(findNet(FIXTURE_MODELS, 'upscaler')).toBeUndefined();
    const nets = { encoder: inRepository('test/fixtures/identity'), upscaler: inRepository('no-such-folder') };
    expect(() => bundleOf('gate-variants', nets).bind(new Stack())).toThrow(/upscaler-missing/);
  });

  it('puts an upscaler that is there where the gate finds it, and nowhere else', () => {
    const models = mkdtempSync(join(tmpdir(), 'troupe-'));
    cpSync(FIXTURE_MODELS, models, { recursive: true });
    cpSync(inRepository('test/fixtures/upscaler'), join(models, 'upscaler'), { recursive: true });
    const made = Template.fromStack(stackOf({}, models)).findResources('AWS::Lambda::Function');
    const told = Object.entries(made).filter(([, fn]) => 'UPSCALER_FOLDER' in fn.Properties.Environment.Variables);
    expect(told.map(([id]) => id)).toEqual([expect.stringMatching(/^GateVariants/)]);
    expect(functions.some(({ properties }) => 'UPSCALER_FOLDER' in properties.Environment.Variables)).toBe(false);

    const app = new App({ outdir: mkdtempSync(join(tmpdir(), 'troupe-')) });
    const stack = new Stack(app, 'Bundle');
    const nets = { encoder: inRepository('test/fixtures/identity'), upscaler: findNet(models, 'upscaler') };
    bundleOf('gate-variants', nets).bind(stack);
    const { assetPath } = stack.node.findChild('Code') as Asset;
    const folder = told[0]?.[1].Properties.Environment.Variables.UPSCALER_FOLDER;
    expect(readdirSync(join(app.outdir, assetPath, folder)).sort()).toEqual(['upscaler.json', 'upscaler.onnx']);
    expect(readdirSync(join(app.outdir, assetPath))).not.toContain('reader');
  });

  it('is nets that leave a function its room: 250 MB for all of it, of which the modules may take 80', () => {
    const nets = globSync('models/{identity,reader,upscaler}/*', { cwd: inRepository('.') });
    expect(nets.length).toBeGreaterThan(1);
    const bytes = nets.reduce((sum, file) => sum + statSync(inRepository(file)).size, 0);
    expect(bytes).toBeLessThan(25e6);
  });

  it('is sharp and onnxruntime-node for Lambda, of one platform and without a GPU', () => {
    const modules = installNativeModules();
    const files = readdirSync(modules, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
    const libraries = files.filter((file) => /\.(node|so|dylib|dll|exe)(\.|$)/.test(file));
    expect(libraries.map((file) => file.slice(modules.length + 1)).sort()).toEqual([
      expect.stringMatching(/^@img\/sharp-libvips-linux-x64\/lib\/libvips-cpp\.so/),
      expect.stringMatching(/^@img\/sharp-linux-x64\/lib\/sharp-linux-x64.*\.node$/),
      expect.stringMatching(/^onnxruntime-node\/bin\/napi-v\d+\/linux\/x64\/libonnxruntime\.so/),
      expect.stringMatching(/^onnxruntime-node\/bin\/napi-v\d+\/linux\/x64\/onnxruntime_binding\.node$/),
    ]);
    const bytes = files.reduce((sum, file) => sum + statSync(file).size, 0);
    expect(bytes).toBeLessThan(80e6);
  });
});
