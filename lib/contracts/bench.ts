import { z } from 'zod';
import { FileName, Seed, Sha256, Slug, Timestamp } from './common.ts';

/** One thing said of the product, with the number that stands behind it. A claim that does not hold stays, with its cause. */
export const BenchClaim = z
  .strictObject({
    id: z
      .string()
      .max(8)
      .regex(/^[A-Z]+[0-9]+[a-z]?$/),
    statement: z.string().min(1).max(400),
    direction: z.enum(['>=', '<=']).meta({ description: 'How the value must lie to the bar' }),
    bar: z.number().nullable().meta({ description: 'Null: the figure is reported, and nothing is promised of it' }),
    value: z.number(),
    low: z.number().meta({ description: 'Lower end of the 95 % interval, by resampling subjects' }),
    high: z.number(),
    n: z.int().min(1).max(10_000_000).meta({ description: 'Rows the value is made of' }),
    unit: z.string().min(1).max(48),
    cause: z.string().min(1).max(1_000).optional().meta({ description: 'Why the claim does not hold' }),
  })
  .meta({ id: 'BenchClaim' });
export type BenchClaim = z.infer<typeof BenchClaim>;

/** `bench/<name>.json`: what one run of a bench measured. Every value can be made again from the rows beside it. */
export const BenchFile = z
  .strictObject({
    name: Slug,
    madeAt: Timestamp,
    machine: z.string().min(1).max(200),
    seed: Seed,
    digests: z.record(z.string().max(64), Sha256).meta({ description: 'What was measured: models and instruments' }),
    subjects: z.array(z.string().min(1).max(64)).min(1).max(10_000),
    rowsFile: FileName,
    claims: z.array(BenchClaim).min(1).max(200),
  })
  .meta({ id: 'BenchFile' });
export type BenchFile = z.infer<typeof BenchFile>;

/** `bench/causes.json`: by bench and claim, why a claim does not hold. Written by whoever looked for it. */
export const BenchCauses = z.record(Slug, z.record(z.string().max(8), z.string().min(1).max(1_000)));
export type BenchCauses = z.infer<typeof BenchCauses>;

/** Whether the value lies where the bar wants it. What has no bar cannot fail. */
export function claimHolds({ bar, value, direction }: Pick<BenchClaim, 'bar' | 'value' | 'direction'>): boolean {
  if (bar === null) return true;
  return direction === '>=' ? value >= bar : value <= bar;
}
