import { closeSync, existsSync, openSync, readdirSync, readFileSync, readSync, statSync } from 'node:fs';
import { extname, join } from 'node:path';
import type { Family } from '../../contracts/index.ts';
import { KnownError } from '../errors.ts';

/** One file that belongs to a base model. */
export interface ModelFile {
  file: string;
  path: string;
  bytes: number;
}

export interface ModelFolder {
  family: Exclude<Family, 'paperdoll'>;
  files: ModelFile[];
  /** What lies there and no worker loads. */
  leftOut: string[];
}

/** Formats of which loading runs what is in them, or may: never among the files of a model, not even unused. */
const CAN_RUN = new Set([
  '.bin',
  '.ckpt',
  '.pt',
  '.pth',
  '.pkl',
  '.pickle',
  '.joblib',
  '.py',
  '.so',
  '.h5',
  '.msgpack',
]);

const WEIGHTS = /^(diffusion_pytorch_model|model)(-\d{5}-of-\d{5})?\.safetensors$/;
const SHARD_INDEX = /^(diffusion_pytorch_model|model)\.safetensors\.index\.json$/;

/** What a worker loads of each part, and what must at least be there. */
const PART_KINDS = {
  weights: { takes: (name: string) => name === 'config.json' || WEIGHTS.test(name) || SHARD_INDEX.test(name) },
  tokenizer: { takes: (name: string) => /\.(json|txt)$/.test(name) },
  scheduler: { takes: (name: string) => name === 'scheduler_config.json' },
} as const;

const PARTS: Record<ModelFolder['family'], Record<string, keyof typeof PART_KINDS>> = {
  sd15: { scheduler: 'scheduler', text_encoder: 'weights', tokenizer: 'tokenizer', unet: 'weights', vae: 'weights' },
  sdxl: {
    ...{ scheduler: 'scheduler', text_encoder: 'weights', text_encoder_2: 'weights', tokenizer: 'tokenizer' },
    ...{ tokenizer_2: 'tokenizer', unet: 'weights', vae: 'weights' },
  },
};

/** safetensors’ own limit. */
const HEADER_BYTES_MAX = 100_000_000;

/** Read a folder in diffusers’ layout: which family it is, and which of its files a worker loads. Nothing in it is run. */
export function readModelFolder(folder: string): ModelFolder {
  if (!existsSync(folder) || !statSync(folder).isDirectory()) {
    throw new KnownError('file_missing', `${folder} is not a folder.`);
  }
  const found = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => statSync(join(folder, file)).isFile())
    .sort();
  const unsafe = found.filter((file) => CAN_RUN.has(extname(file).toLowerCase()));
  if (unsafe.length > 0) {
    throw refused(
      `${unsafe.slice(0, 5).join(', ')}${unsafe.length > 5 ? ` and ${unsafe.length - 5} more` : ''}: loading such a file can run code. ` +
        'Delete them; Troupe takes the .safetensors files beside them, and nothing else.',
    );
  }
  const family = recognise(folder);
  const parts = PARTS[family];
  const belongs = (file: string): boolean => {
    const [part = '', name, deeper] = file.split('/');
    if (name === undefined) return part === 'model_index.json';
    const kind = parts[part];
    return kind !== undefined && deeper === undefined && PART_KINDS[kind].takes(name);
  };
  const files = found.filter(belongs);
  for (const [part, kind] of Object.entries(parts)) demandWhole(files, found, part, kind);
  for (const file of files) demandReadable(folder, file);
  return {
    family,
    files: files.map((file) => ({ file, path: join(folder, file), bytes: statSync(join(folder, file)).size })),
    leftOut: found.filter((file) => !belongs(file)),
  };
}

/** The family, by what model_index.json and the UNet’s config say: those two decide how it is sampled. */
function recognise(folder: string): ModelFolder['family'] {
  const index = readConfig(folder, 'model_index.json');
  const unet = readConfig(folder, 'unet/config.json');
  const scheduler = readConfig(folder, 'scheduler/scheduler_config.json');
  const seen = {
    pipeline: index._class_name,
    predicts: scheduler.prediction_type ?? 'epsilon',
    latents: unet.in_channels ?? 4,
    width: unet.cross_attention_dim,
  };
  const is = (pipeline: string, width: number): boolean =>
    String(seen.pipeline).startsWith(pipeline) &&
    seen.width === width &&
    seen.latents === 4 &&
    seen.predicts === 'epsilon';
  if (is('StableDiffusionXL', 2_048)) return 'sdxl';
  if (is('StableDiffusionPipeline', 768)) return 'sd15';
  throw refused(
    `this is a ${seen.pipeline} that predicts ${seen.predicts}, with ${seen.latents} channels and text of width ${seen.width}. ` +
      'Troupe knows SD 1.5 (StableDiffusionPipeline, epsilon, 4 channels, 768) and SDXL (StableDiffusionXLPipeline, epsilon, 4, 2048).',
  );
}

function demandWhole(files: string[], found: string[], part: string, kind: keyof typeof PART_KINDS): void {
  const names = files.filter((file) => file.startsWith(`${part}/`)).map((file) => file.slice(part.length + 1));
  if (kind === 'tokenizer') {
    if (names.includes('tokenizer.json') || (names.includes('vocab.json') && names.includes('merges.txt'))) return;
    throw refused(`${part} has neither tokenizer.json nor vocab.json with merges.txt.`);
  }
  if (kind === 'scheduler') return;
  if (names.includes('config.json') && names.some((name) => WEIGHTS.test(name))) return;
  const variant = found.find((file) => file.startsWith(`${part}/`) && /\.fp16\.safetensors$/.test(file));
  throw refused(
    variant
      ? `${part} has its weights as ${variant} only. Rename it to ${variant.replace('.fp16', '')}.`
      : `${part} has no ${names.includes('config.json') ? 'weights as .safetensors' : 'config.json'}.`,
  );
}

function demandReadable(folder: string, file: string): void {
  if (file.endsWith('.json')) readConfig(folder, file);
  else if (file.endsWith('.safetensors')) demandSafetensors(join(folder, file), file);
}

/** By its content: a header that says where each tensor is, and exactly as many bytes behind it. */
function demandSafetensors(path: string, file: string): void {
  const handle = openSync(path, 'r');
  try {
    const size = statSync(path).size;
    const length = Buffer.alloc(8);
    if (readSync(handle, length, 0, 8, 0) < 8) throw refused(`${file} is not a safetensors file: it is too short.`);
    const headerBytes = Number(length.readBigUInt64LE());
    if (headerBytes > HEADER_BYTES_MAX || 8 + headerBytes > size) throw refused(`${file} is not a safetensors file.`);
    const header = Buffer.alloc(headerBytes);
    readSync(handle, header, 0, headerBytes, 8);
    const end = lastOffset(header.toString());
    if (end === undefined) throw refused(`${file} is not a safetensors file.`);
    if (8 + headerBytes + end !== size) {
      throw refused(`${file} is ${size} bytes and its header says ${8 + headerBytes + end}: download it again.`);
    }
  } finally {
    closeSync(handle);
  }
}

/** Where the last tensor ends, or undefined for a header that is none. */
function lastOffset(header: string): number | undefined {
  try {
    const entries = Object.entries(JSON.parse(header) as Record<string, { data_offsets?: [number, number] }>);
    return Math.max(0, ...entries.map(([, { data_offsets: offsets }]) => offsets?.[1] ?? 0));
  } catch {
    return undefined;
  }
}

function readConfig(folder: string, file: string): Record<string, unknown> {
  const path = join(folder, file);
  if (!existsSync(path)) throw refused(`it has no ${file}: a base model is a folder in the layout of diffusers.`);
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
  } catch (error) {
    throw refused(`${file} is not JSON: ${(error as Error).message}.`);
  }
}

const refused = (why: string): KnownError => new KnownError('model_refused', `The model is refused: ${why}`);
