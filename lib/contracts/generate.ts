import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import {
  BenchFile,
  Claim,
  Job,
  JobProgress,
  JobResult,
  ModelsLock,
  Plan,
  Recipe,
  SubjectReport,
  Variant,
} from './index.ts';

/**
 * Writes the two generated files: the JSON Schema of every contract that Python reads or writes, and from it the worker’s
 * `contracts.py` (pydantic). `--check` writes nothing and fails when either is stale.
 */
const SCHEMA_FILE = 'lib/contracts/contracts.generated.json';
const PYTHON_FILE = 'containers/worker/troupe_worker/contracts.py';
const shared = { BenchFile, Claim, Job, JobProgress, JobResult, ModelsLock, Plan, Recipe, SubjectReport, Variant };

/** pydantic’s regex engine is Rust’s: it knows no look-ahead, so a pattern that has one is checked on the TypeScript side only. */
function withoutLookAhead(schema: Record<string, unknown>): void {
  if (typeof schema.pattern === 'string' && schema.pattern.includes('(?')) delete schema.pattern;
}

function makeSchema(): string {
  const registry = z.registry<{ id: string; description?: string }>();
  for (const [name, schema] of Object.entries(shared)) {
    if (z.globalRegistry.get(schema)?.id !== name) throw new Error(`${name} must carry its own name as meta id`);
    registry.add(schema, { id: name });
  }
  const schema = z.toJSONSchema(z.strictObject(shared), {
    io: 'output',
    target: 'draft-2020-12',
    override: ({ jsonSchema }) => withoutLookAhead(jsonSchema as Record<string, unknown>),
  });
  return `${JSON.stringify({ title: 'Contracts', ...schema }, null, 2)}\n`;
}

function makePython(schemaFile: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'contracts-'));
  try {
    const output = join(folder, 'contracts.py');
    execFileSync('.venv/bin/datamodel-codegen', [
      ...['--input', schemaFile, '--input-file-type', 'jsonschema', '--output', output],
      ...[
        '--output-model-type',
        'pydantic_v2.BaseModel',
        '--target-python-version',
        '3.11',
        '--formatters',
        'ruff-format',
      ],
      ...[
        '--snake-case-field',
        '--field-constraints',
        '--use-annotated',
        '--use-union-operator',
        '--use-standard-collections',
      ],
      ...[
        '--use-title-as-name',
        '--enum-field-as-literal',
        'all',
        '--allow-population-by-field-name',
        '--disable-timestamp',
      ],
      ...['--use-schema-description', '--strict-nullable', '--use-type-alias'],
      ...['--custom-file-header', '# Generated from lib/contracts by `npm run contracts`. Do not edit.'],
    ]);
    return readFileSync(output, 'utf8');
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const check = process.argv.includes('--check');
const stale: string[] = [];
function put(file: string, text: string): void {
  let old = '';
  try {
    old = readFileSync(file, 'utf8');
  } catch {}
  if (old === text) return;
  stale.push(file);
  if (!check) writeFileSync(file, text);
}

const schema = makeSchema();
put(SCHEMA_FILE, schema);
const schemaCopy = join(mkdtempSync(join(tmpdir(), 'contracts-schema-')), 'contracts.json');
writeFileSync(schemaCopy, schema);
put(PYTHON_FILE, makePython(schemaCopy));
if (stale.length > 0) console.log(`${check ? 'stale' : 'written'}: ${stale.join(', ')}`);
if (check && stale.length > 0) {
  console.error('Run `npm run contracts` and commit what it wrote.');
  process.exitCode = 1;
}
