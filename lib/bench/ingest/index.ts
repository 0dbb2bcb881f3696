import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cosine } from '../../../functions/_rules/index.ts';
import type { BenchPlace } from '../bench.ts';
import type { Row } from '../claims.ts';
import { typescriptBench } from '../typescript-bench.ts';
import { measureBundle, synthesiseBundles, timeStart } from './bundles.ts';
import { CLAIMS } from './claims.ts';
import { drawPictures } from './pictures.ts';
import { type Answer, startRunner } from './race.ts';

const FULL = { pictures: 6, repeats: 3, starts: 5 };
const QUICK = { pictures: 1, repeats: 1, starts: 1 };

/** What an upload costs before any GPU is used, beside a script that does the same work in the same run. */
export const ingestBench = typescriptBench({
  name: 'ingest',
  about: 'ingest: speed beside a script, sizes of bundles, cold starts',
  claims: CLAIMS,
  async measure({ seed, quick }, place) {
    const amount = quick ? QUICK : FULL;
    const scratch = mkdtempSync(join(tmpdir(), 'troupe-bench-ingest-'));
    try {
      const rows = [
        ...(await race(await drawPictures(place.checkout, scratch, amount.pictures, seed), amount.repeats, place)),
        ...measureFunctions(join(scratch, 'cdk.out'), amount.starts, place),
      ];
      const digest = (file: string): string =>
        createHash('sha256')
          .update(readFileSync(join(place.checkout, 'models', file)))
          .digest('hex');
      return { rows, digests: { encoder: digest('identity/encoder.onnx'), reader: digest('reader/reader.onnx') } };
    } finally {
      rmSync(scratch, { recursive: true, force: true });
    }
  },
});

/** Both sides take every picture in turn, so that whatever else the machine does meets both. */
async function race(paths: readonly string[], repeats: number, { checkout, tell }: BenchPlace): Promise<Row[]> {
  const nets = [join(checkout, 'models/identity'), join(checkout, 'models/reader')];
  const ours = startRunner(process.execPath, [fileURLToPath(new URL('ours.ts', import.meta.url)), ...nets], checkout);
  const python = join(checkout, '.venv/bin/python');
  const script = startRunner(python, ['-m', 'troupe_bench.ingest_script', ...nets], checkout);
  try {
    const [first = ''] = paths;
    // Models are loaded by the first picture; it is not counted.
    await ours.ingest(first);
    await script.ingest(first);
    const rows: Row[] = [];
    for (let repeat = 0; repeat < repeats; repeat += 1) {
      for (const [index, path] of paths.entries()) {
        const row = compare(await ours.ingest(path), await script.ingest(path));
        rows.push({ part: 'race', subject: `picture-${index}`, repeat, ...row });
        tell(
          `picture ${index}: ${Math.round(row.milliseconds)} ms; the script ${Math.round(row.scriptMilliseconds)} ms`,
        );
      }
    }
    return rows;
  } finally {
    ours.stop();
    script.stop();
  }
}

const compare = (ours: Answer, script: Answer) => ({
  milliseconds: ours.milliseconds,
  scriptMilliseconds: script.milliseconds,
  bytes: ours.bytes,
  scriptBytes: script.bytes,
  sameFigures: ours.figures === script.figures,
  cosine: cosine(Float32Array.from(ours.vector), Float32Array.from(script.vector)),
});

function measureFunctions(output: string, starts: number, { checkout, tell }: BenchPlace): Row[] {
  const rows: Row[] = [];
  for (const bundle of synthesiseBundles(checkout, output)) {
    const { codeBytes, modelBytes } = measureBundle(bundle);
    const size = { codeMegabytes: codeBytes / 1e6, modelMegabytes: modelBytes / 1e6 };
    rows.push({ part: 'bundle', subject: bundle.name, function: bundle.name, ...size });
    for (let start = 0; start < starts; start += 1) {
      const milliseconds = timeStart(bundle);
      rows.push({ part: 'start', subject: bundle.name, function: bundle.name, milliseconds });
    }
    tell(`${bundle.name}: ${size.codeMegabytes.toFixed(1)} MB and ${size.modelMegabytes.toFixed(1)} MB of models`);
  }
  return rows;
}
