import { z } from 'zod';
import { Sha256 } from './common.ts';

/** How a subject is learned or used. A new method is a name here, a module in the worker and a row in its table. */
export const Method = z
  .enum(['dreambooth-lora', 'oneactor', 'textual-inversion'])
  .meta({ id: 'Method', description: 'How a subject is learned or used' });
export type Method = z.infer<typeof Method>;

/** What a manifest may ask for: a method by name, or `auto`, which the router decides. */
export const MethodChoice = z.union([z.literal('auto'), Method]);
export type MethodChoice = z.infer<typeof MethodChoice>;

/** Far inside what the state table keeps: DynamoDB takes 1e-130 to 1e126, its SDK nothing above 2^53. Whole numbers reach that far: seeds need 2^32. */
const SettingNumber = z
  .number()
  .min(-1e9)
  .max(1e9)
  .refine((value) => value === 0 || Math.abs(value) >= 1e-12, 'must be 0, or between 1e-12 and 1e9, of either sign');

export const SettingValue = z
  .union([z.int(), SettingNumber, z.boolean(), z.string().max(200)])
  .meta({ id: 'SettingValue' });

export const Settings = z.record(z.string().regex(/^[a-z][A-Za-z0-9]{0,47}$/), SettingValue).meta({
  id: 'Settings',
  description: 'Settings by camelCase name; what is left out has the method’s published default',
});
export type Settings = z.infer<typeof Settings>;

export const Family = z
  .enum(['paperdoll', 'sd15', 'sdxl'])
  .meta({ id: 'Family', description: 'Architecture of a base model' });
export type Family = z.infer<typeof Family>;

/** A frozen text-to-image model: where it is by name, what it is by digest. */
export const BaseModelRef = z
  .strictObject({
    name: z
      .string()
      .max(64)
      .regex(/^[a-z0-9][a-z0-9._-]*$/),
    family: Family,
    digest: Sha256.meta({ description: 'SHA-256 over "sha256  file\\n" lines of its lock entry, sorted by file' }),
  })
  .meta({ id: 'BaseModelRef' });
export type BaseModelRef = z.infer<typeof BaseModelRef>;

/** What a job asks for; the worker fills in every default and writes the full recipe. */
export const RecipeRequest = z
  .strictObject({ method: Method, settings: Settings.default({}) })
  .meta({ id: 'RecipeRequest' });
export type RecipeRequest = z.infer<typeof RecipeRequest>;

/** `recipe.json`: method, every setting and base model; the SHA-256 of its canonical JSON names the result. */
export const Recipe = z
  .strictObject({ method: Method, settings: Settings, baseModel: BaseModelRef })
  .meta({ id: 'Recipe' });
export type Recipe = z.infer<typeof Recipe>;
