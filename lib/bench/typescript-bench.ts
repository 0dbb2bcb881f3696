import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { BenchCauses, type BenchClaim, BenchFile } from '../contracts/index.ts';
import { type Bench, type BenchOptions, type BenchPlace, RESULTS, SCRATCH } from './bench.ts';
import { type ClaimSpec, judgeClaim, type Row } from './claims.ts';
import { readRows, writeRows } from './rows.ts';
import { writeTable } from './table.ts';

/** A bench that is measured by TypeScript: what it claims, and what it does to have rows. */
export interface TypescriptBench {
  name: string;
  about: string;
  claims: readonly ClaimSpec[];
  measure(options: BenchOptions, place: BenchPlace): Promise<{ rows: Row[]; digests: Record<string, string> }>;
}

export function typescriptBench({ name, about, claims, measure }: TypescriptBench): Bench {
  return {
    about,
    async run(options, place) {
      const { rows, digests } = await measure(options, place);
      // A committed result is a whole one.
      const folder = join(place.checkout, options.quick || options.only.length > 0 ? SCRATCH : RESULTS);
      mkdirSync(folder, { recursive: true });
      const wanted = claims.filter(({ id }) => options.only.length === 0 || options.only.includes(id));
      const bench = BenchFile.parse({
        name,
        madeAt: new Date().toISOString(),
        machine: `${cpus()[0]?.model ?? 'unknown processor'}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GB, Node ${process.versions.node}`,
        seed: options.seed,
        digests,
        subjects: [...new Set(rows.map((row) => row.subject))],
        rowsFile: `${name}.rows.jsonl.gz`,
        claims: judge(wanted, rows, place),
      });
      writeRows(join(folder, bench.rowsFile), rows);
      writeFileSync(join(folder, `${name}.md`), writeTable(bench));
      const file = join(folder, `${name}.json`);
      writeFileSync(file, `${JSON.stringify(bench, null, 2)}\n`);
      return file;
    },
    async check(place) {
      const file = join(place.checkout, RESULTS, `${name}.json`);
      const bench = BenchFile.parse(JSON.parse(readFileSync(file, 'utf8')));
      const again = judge(claims, readRows(join(place.checkout, RESULTS, bench.rowsFile)), place);
      return compareClaims(bench.claims, again);
    },
  };

  function judge(wanted: readonly ClaimSpec[], rows: readonly Row[], { checkout }: BenchPlace): BenchClaim[] {
    const file = join(checkout, RESULTS, 'causes.json');
    const causes = existsSync(file) ? BenchCauses.parse(JSON.parse(readFileSync(file, 'utf8'))) : {};
    return wanted.flatMap((spec) => judgeClaim(spec, rows, causes[name]) ?? []);
  }
}

/** A sentence for every claim that the rows do not give again as it is written. Causes are people's words, not the rows'. */
export function compareClaims(written: readonly BenchClaim[], again: readonly BenchClaim[]): string[] {
  const made = new Map(again.map((claim) => [claim.id, claim]));
  const differences = written.flatMap((claim) => {
    const other = made.get(claim.id);
    made.delete(claim.id);
    if (other === undefined) return [`${claim.id} is written, and no row speaks of it.`];
    return Object.entries({ ...other, ...claim }).flatMap(([field]) => {
      const [is, should] = [claim[field as keyof BenchClaim], other[field as keyof BenchClaim]];
      return is === should || field === 'cause' ? [] : [`${claim.id}: ${field} is ${is}, the rows give ${should}.`];
    });
  });
  return [...differences, ...[...made.keys()].map((id) => `${id} is not written, and the rows give it.`)];
}
