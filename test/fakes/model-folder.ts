import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** A safetensors file with one tensor of `bytes` bytes. */
export function safetensors(bytes: number, fill = 1): Buffer {
  const header = Buffer.from(JSON.stringify({ w: { dtype: 'U8', shape: [bytes], data_offsets: [0, bytes] } }));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  return Buffer.concat([length, header, Buffer.alloc(bytes, fill)]);
}

type Files = Record<string, string | Buffer | undefined>;

/** A folder in the layout of diffusers, as small as it goes; `changes` adds, replaces or (undefined) removes files. */
export function writeModelFolder(family: 'sd15' | 'sdxl', changes: Files = {}): string {
  const xl = family === 'sdxl';
  const text = (name: string) => ({
    [`${name}/config.json`]: '{}',
    [`${name}/model.safetensors`]: safetensors(30, name.length),
    [`${name.replace('text_encoder', 'tokenizer')}/vocab.json`]: '{}',
    [`${name.replace('text_encoder', 'tokenizer')}/merges.txt`]: '#version: 0.2\n',
  });
  const files: Files = {
    'model_index.json': JSON.stringify({ _class_name: `StableDiffusion${xl ? 'XL' : ''}Pipeline` }),
    'scheduler/scheduler_config.json': '{"prediction_type":"epsilon"}',
    'unet/config.json': JSON.stringify({ in_channels: 4, cross_attention_dim: xl ? 2_048 : 768 }),
    'unet/diffusion_pytorch_model.safetensors': safetensors(100),
    'vae/config.json': '{}',
    'vae/diffusion_pytorch_model.safetensors': safetensors(50),
    ...text('text_encoder'),
    ...(xl ? text('text_encoder_2') : {}),
    ...changes,
  };
  const folder = join(mkdtempSync(join(tmpdir(), 'troupe-')), 'Base-One');
  for (const [file, content] of Object.entries(files)) {
    if (content === undefined) continue;
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), content);
  }
  return folder;
}
