import { z } from 'zod';

/** A name that a person gives: part of object keys, so lowercase words joined by single hyphens. */
export const Slug = z
  .string()
  .max(48)
  .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/)
  .meta({
    id: 'Slug',
    description: 'Lowercase letters and digits, words joined by single hyphens, at most 48 characters',
  });
export type Slug = z.infer<typeof Slug>;

/** Lower-case hexadecimal SHA-256 of some bytes. */
export const Sha256 = z
  .string()
  .regex(/^[0-9a-f]{64}$/)
  .meta({ id: 'Sha256' });
export type Sha256 = z.infer<typeof Sha256>;

/** Name of a job: a hash of everything asked for, so the same request is the same job. */
export const JobId = z
  .string()
  .regex(/^job_[0-9a-f]{24}$/)
  .meta({ id: 'JobId' });
export type JobId = z.infer<typeof JobId>;

/** Name of a cell: a hash of all that decides the picture. */
export const CellId = z
  .string()
  .regex(/^cell_[0-9a-f]{24}$/)
  .meta({ id: 'CellId' });
export type CellId = z.infer<typeof CellId>;

/** An object key below a bucket (or a folder that stands for one): no empty, `.` or `..` part. */
export const ObjectKey = z
  .string()
  .min(1)
  .max(512)
  .regex(/^(?!.*(^|\/)\.{1,2}(\/|$))[A-Za-z0-9._-]+(\/[A-Za-z0-9._-]+)*\/?$/);
export type ObjectKey = z.infer<typeof ObjectKey>;

/** What a person writes to be drawn. Control characters and weight syntax (`<lora:…>`) have no place in it. */
export const PromptText = z
  .string()
  .min(1)
  .max(1_000)
  .regex(/^[^\p{Cc}<>]+$/u);

/** File name of an upload, without folders. */
export const FileName = z
  .string()
  .max(128)
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/);

export const Seed = z.int().min(0).max(4_294_967_295);
export const Kind = z.enum(['character', 'person', 'animal', 'product']);
export type Kind = z.infer<typeof Kind>;

/** The base word a subject is a special case of ("girl", "mug"). */
export const Noun = z
  .string()
  .max(32)
  .regex(/^[a-z]+( [a-z]+)?$/);

export const Timestamp = z.iso.datetime({ offset: true });

/** One stored object, as whoever wrote it measured it. */
export const StoredObject = z
  .strictObject({ key: ObjectKey, sha256: Sha256, sizeBytes: z.int().min(0).max(50_000_000_000) })
  .meta({ id: 'StoredObject', description: 'One stored object, as whoever wrote it measured it' });
export type StoredObject = z.infer<typeof StoredObject>;
