import {
  type CampaignFile,
  type Cell,
  type Channel,
  NATIVE_SIZE,
  type Plan,
  type TunedSubject,
} from '../../lib/contracts/index.ts';
import { cellIdOf } from '../_shared/hash.ts';
import type { Settings } from '../_shared/ports.ts';
import type { WantedPicture } from './expand-pictures.ts';

type BaseModel = Settings['baseModel'];

/** Batch’s largest array. */
const MAX_SHARDS = 10_000;

/** The plan of a campaign: the same file, subjects and base model give the same bytes. */
export function makePlan(
  file: CampaignFile,
  source: string,
  pictures: readonly WantedPicture[],
  subjects: readonly TunedSubject[],
  baseModel: BaseModel,
): Plan {
  const byName = new Map(subjects.map((subject) => [subject.subject, subject]));
  const cells = new Map<string, Cell>();
  for (const { prompt, subjects: shown, seed, channel } of pictures) {
    const picture = { prompt, seed, ...sizeOf(channel, baseModel.family) };
    // All that decides the pixels, and nothing else: where an adapter lies or what a campaign is called changes no picture.
    const drawnWith = shown.map((name) => {
      const { adapter, ...subject } = byName.get(name) as TunedSubject;
      return { ...subject, adapter: adapter.sha256 };
    });
    const cell = cellIdOf({ ...picture, subjects: drawnWith, sampler: file.sampler, baseModel });
    // A prompt written twice asks for one picture.
    cells.set(cell, { cell, subjects: shown, ...picture });
  }
  return {
    campaign: file.campaign,
    source,
    baseModel,
    sampler: file.sampler,
    subjects: [...subjects],
    cells: [...cells.values()],
  };
}

/** As many worker processes as there are full shards; few cells are one plain job. */
export const countShards = (cells: number, shardCells: number): number =>
  Math.min(MAX_SHARDS, Math.ceil(cells / shardCells));

const RATIO: Record<Channel, number> = { square: 1, story: 9 / 16, wide: 16 / 9 };

/**
 * Width and height of a channel: about the area that the base model was made for, in steps that its network can halve.
 * paperdoll: 8 pixels per latent and two halvings; sd15 and sdxl three, so 64.
 */
export function sizeOf(channel: Channel, family: BaseModel['family']): { width: number; height: number } {
  const native = NATIVE_SIZE[family];
  const step = family === 'paperdoll' ? 32 : 64;
  const side = (scale: number): number => Math.round((native * Math.sqrt(scale)) / step) * step;
  return { width: side(RATIO[channel]), height: side(1 / RATIO[channel]) };
}
