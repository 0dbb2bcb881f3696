import { z } from 'zod';
import { Sha256 } from './common.ts';
import { Family } from './recipe.ts';

/** One file of a model, as it must be found. */
export const LockedFile = z
  .strictObject({
    file: z
      .string()
      .max(200)
      .regex(/^[A-Za-z0-9._-]+(\/[A-Za-z0-9._-]+)*$/),
    bytes: z.int().min(0).max(100_000_000_000),
    sha256: Sha256,
  })
  .meta({ id: 'LockedFile' });

export const LockedModel = z
  .strictObject({
    family: z.enum([...Family.options, 'identity-encoder', 'reader', 'upscaler']),
    licence: z.string().min(1).max(100).meta({ description: 'SPDX name of the weights’ licence' }),
    commercialUse: z.boolean(),
    files: z.array(LockedFile).min(1).max(1_000),
  })
  .meta({ id: 'LockedModel' });
export type LockedModel = z.infer<typeof LockedModel>;

/** `models/models.lock.json`: every model file that may be loaded. A folder with another byte, or another file, is refused. */
export const ModelsLock = z
  .strictObject({
    models: z.record(
      z
        .string()
        .max(64)
        .regex(/^[a-z0-9][a-z0-9._-]*$/),
      LockedModel,
    ),
  })
  .meta({ id: 'ModelsLock' });
export type ModelsLock = z.infer<typeof ModelsLock>;

/** `encoder.json` beside an identity encoder’s ONNX file: what goes in and what comes out. */
export const EncoderCard = z
  .strictObject({
    name: z.string().max(48),
    version: z.string().max(16),
    size: z
      .int()
      .min(16)
      .max(1_024)
      .meta({ description: 'Side of the square input in pixels; a picture is scaled to fit and padded' }),
    dimensions: z.int().min(8).max(4_096),
    input: z.string().max(48).meta({ description: 'Input name: float32 (B, 3, size, size), RGB in 0..1' }),
    output: z.string().max(48).meta({ description: 'Output name: float32 (B, dimensions), unit length' }),
    pad: z.tuple([z.int().min(0).max(255), z.int().min(0).max(255), z.int().min(0).max(255)]),
  })
  .meta({ id: 'EncoderCard' });
export type EncoderCard = z.infer<typeof EncoderCard>;

const Word = z.string().min(1).max(48);

/**
 * `reader.json` beside a reader’s ONNX file: how large its pictures are, and what its numbers mean. Whoever trains a reader may
 * write more into it than is read here.
 */
export const ReaderCard = z
  .object({
    size: z.int().min(16).max(1_024).meta({ description: 'Side of the square input in pixels' }),
    keypoints: z.array(Word).max(200),
    parts: z.array(Word).max(200),
    attributes: z
      .record(Word, z.array(Word).min(1).max(200))
      .meta({ description: 'Values by attribute, in the order of the output `attribute.<name>`' }),
  })
  .meta({ id: 'ReaderCard' });
export type ReaderCard = z.infer<typeof ReaderCard>;

/**
 * `upscaler.json` beside an upscaler’s ONNX file, which takes `pixels` (B, 3, H, W) and gives `enlarged` (B, 3, f H, f W), RGB in
 * 0..1. Whoever trains an upscaler may write more into it than is read here.
 */
export const UpscalerCard = z.object({
  name: Word,
  factor: z.int().min(2).max(8).meta({ description: 'How many times as wide and as high a picture becomes' }),
});
export type UpscalerCard = z.infer<typeof UpscalerCard>;
