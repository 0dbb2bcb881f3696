import { cpSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const CHECKOUT = fileURLToPath(new URL('../..', import.meta.url));

/** A template as tests edit it. */
export interface EditableTemplate {
  Resources: Record<string, { Type: string; Properties?: Record<string, unknown> }>;
  Outputs: Record<string, { Value: unknown }>;
}

/**
 * Copy an assembly of test/fixtures, with one of its templates changed, into a new folder of the checkout: there the
 * bundles still find the checkout's packages.
 */
export function copyAssembly(
  fixture: string,
  templateFile: string,
  edit: (template: EditableTemplate) => void,
): string {
  mkdirSync(join(CHECKOUT, '.troupe'), { recursive: true });
  const folder = mkdtempSync(join(CHECKOUT, '.troupe', 'assembly-'));
  cpSync(join(CHECKOUT, 'test', 'fixtures', fixture), folder, { recursive: true });
  const path = join(folder, templateFile);
  const template = JSON.parse(readFileSync(path, 'utf8')) as EditableTemplate;
  edit(template);
  writeFileSync(path, JSON.stringify(template));
  return folder;
}
