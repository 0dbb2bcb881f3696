import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { ErrorDocument, libraryKeys, ModelDocument, ModelsLock, STACK_OUTPUTS } from '../../../lib/contracts/index.ts';
import { createFakeDeploys, FakeAccount } from '../../fakes/account.ts';
import { safetensors, writeModelFolder } from '../../fakes/model-folder.ts';
import { type } from './fakes.ts';

let models: string;
let account: FakeAccount;
beforeEach(() => {
  models = mkdtempSync(join(tmpdir(), 'troupe-models-'));
  account = new FakeAccount();
});

const OPEN = ['--licence', 'CreativeML-OpenRAIL-M'];
async function add(folder: string, words: string[] = OPEN) {
  const deploys = createFakeDeploys(account, models);
  const typed = await type(['model', 'add', folder, ...words, '--json'], { deploys });
  return { ...typed, document: JSON.parse(typed.answer) };
}
const readLock = () => ModelsLock.parse(JSON.parse(readFileSync(join(models, 'models.lock.json'), 'utf8')));

describe('a folder that is a base model', () => {
  it.each([
    ['sd15', 10],
    ['sdxl', 14],
  ] as const)('is recognised as %s and locked, file by file', async (family, count) => {
    const folder = writeModelFolder(family);
    const { status, document } = await add(folder);
    expect(status).toBe(0);
    expect(ModelDocument.parse(document)).toMatchObject({ name: 'base-one', family, files: count, lock: 'written' });
    const locked = readLock().models['base-one'];
    expect(locked).toMatchObject({ family, licence: 'CreativeML-OpenRAIL-M', commercialUse: true });
    for (const { file, bytes, sha256 } of locked?.files ?? []) {
      const content = readFileSync(join(folder, file));
      expect([bytes, sha256]).toEqual([content.length, createHash('sha256').update(content).digest('hex')]);
    }
  });

  it('is locked once: the same again changes nothing, another under its name is refused', async () => {
    const folder = writeModelFolder('sd15');
    await add(folder);
    // The licence is known from the lock.
    expect((await add(folder, [])).document.lock).toBe('unchanged');
    const other = writeModelFolder('sd15', { 'unet/diffusion_pytorch_model.safetensors': safetensors(100, 2) });
    expect(ErrorDocument.parse((await add(other)).document).code).toBe('model_exists');
    expect((await add(other, [...OPEN, '--name', 'two'])).status).toBe(0);
    expect(Object.keys(readLock().models)).toEqual(['base-one', 'two']);
  });

  it('may hold what no worker loads, which is left out and named', async () => {
    const folder = writeModelFolder('sd15', {
      'safety_checker/model.safetensors': safetensors(9),
      'unet/diffusion_pytorch_model.fp16.safetensors': safetensors(9),
      'README.md': '# Base',
    });
    const { document } = await add(folder);
    expect(document.leftOut).toEqual([
      'README.md',
      'safety_checker/model.safetensors',
      'unet/diffusion_pytorch_model.fp16.safetensors',
    ]);
    expect(document.files).toBe(10);
  });

  it('may have its weights in shards', async () => {
    const folder = writeModelFolder('sdxl', {
      'unet/diffusion_pytorch_model.safetensors': undefined,
      'unet/diffusion_pytorch_model-00001-of-00002.safetensors': safetensors(9),
      'unet/diffusion_pytorch_model-00002-of-00002.safetensors': safetensors(8),
      'unet/diffusion_pytorch_model.safetensors.index.json': '{}',
    });
    expect((await add(folder)).document.files).toBe(16);
  });
});

describe('a folder that is refused', () => {
  const header = safetensors(100).subarray(0, 40);
  it.each([
    [
      'a pickle',
      { 'unet/diffusion_pytorch_model.bin': 'x' },
      /unet\/diffusion_pytorch_model\.bin: loading such a file/,
    ],
    ['a checkpoint that nothing uses', { 'v1-5.ckpt': 'x' }, /v1-5\.ckpt/],
    ['code', { 'unet/model.py': 'x' }, /unet\/model\.py/],
    [
      'a pickle under another name',
      { 'vae/diffusion_pytorch_model.safetensors': 'PK\u0003\u0004 zipped' },
      /not a safetensors/,
    ],
    ['half a download', { 'unet/diffusion_pytorch_model.safetensors': header }, /not a safetensors|download it again/],
    [
      'a file cut off',
      { 'vae/diffusion_pytorch_model.safetensors': safetensors(50).subarray(0, -1) },
      /download it again/,
    ],
    ['no weights', { 'unet/diffusion_pytorch_model.safetensors': undefined }, /unet has no weights/],
    [
      'half precision only',
      {
        'vae/diffusion_pytorch_model.safetensors': undefined,
        'vae/diffusion_pytorch_model.fp16.safetensors': safetensors(5),
      },
      /Rename it to vae\/diffusion_pytorch_model\.safetensors/,
    ],
    ['no tokenizer', { 'tokenizer/merges.txt': undefined }, /tokenizer has neither/],
    ['another layout', { 'model_index.json': undefined }, /no model_index\.json/],
    ['SD 2', { 'unet/config.json': '{"cross_attention_dim":1024}' }, /text of width 1024/],
    [
      'a model that predicts velocity',
      { 'scheduler/scheduler_config.json': '{"prediction_type":"v_prediction"}' },
      /v_prediction/,
    ],
    ['an inpainting model', { 'unet/config.json': '{"in_channels":9,"cross_attention_dim":768}' }, /9 channels/],
    ['a config that is none', { 'vae/config.json': '{' }, /vae\/config\.json is not JSON/],
  ])('has %s', async (_, changes, sentence) => {
    const { status, document } = await add(writeModelFolder('sd15', changes));
    expect(status).toBe(2);
    expect(ErrorDocument.parse(document).code).toBe('model_refused');
    expect(document.sentence).toMatch(sentence);
    expect(() => readLock()).toThrow();
  });
});

describe('the licence', () => {
  it.each([
    [['--licence', 'apache-2.0'], true],
    [['--licence', 'CC-BY-NC-4.0'], false],
    [['--licence', 'Stability-Community', '--commercial', 'no'], false],
    [['--licence', 'Stability-Community', '--commercial', 'yes'], true],
  ])('%j decides whether commercial use is allowed: %s', async (words, expected) => {
    expect((await add(writeModelFolder('sd15'), words)).document.commercialUse).toBe(expected);
  });

  it.each([
    [[]],
    [['--licence', 'Something']],
    [['--licence', 'CC-BY-NC-4.0', '--commercial', 'yes']],
    [[...OPEN, '--commercial', 'maybe']],
  ])('must be one that is known, or was read: %j', async (words) => {
    expect(ErrorDocument.parse((await add(writeModelFolder('sd15'), words)).document).code).toBe('usage');
  });
});

describe('the upload', () => {
  beforeEach(() => {
    account.stack = { status: 'CREATE_COMPLETE', outputs: { [STACK_OUTPUTS.libraryBucket]: 'library' } };
    account.buckets.set('library', new Map());
  });

  it('puts each file under its digest, and goes on where it broke off', async () => {
    const folder = writeModelFolder('sd15');
    const { document, shown } = await add(folder);
    // vocab.json and two configs hold the same two bytes: one object.
    expect(document).toMatchObject({ library: 'library' });
    const keys = new Set(
      (readLock().models['base-one']?.files ?? []).map(({ sha256 }) => libraryKeys.modelFile(sha256)),
    );
    expect(new Set(account.uploads)).toEqual(keys);
    expect(shown.flat().some(({ name, done, of }) => name === 'upload' && done === of)).toBe(true);

    const lost = [...keys][0] ?? '';
    account.buckets.get('library')?.delete(lost);
    account.uploads = [];
    expect((await add(folder)).document.uploaded).toBe(1);
    expect(account.uploads).toEqual([lost]);
  });

  it('waits for the stage to be deployed, or to be wanted', async () => {
    const folder = writeModelFolder('sd15');
    expect((await add(folder, [...OPEN, '--no-upload'])).document.library).toBeUndefined();
    account.stack = undefined;
    expect((await add(folder)).document).toMatchObject({ lock: 'unchanged' });
    expect(account.uploads).toEqual([]);
  });
});
