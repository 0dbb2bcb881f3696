// The benches: what is measured of the product, by which claims, and how a run becomes a file that anybody can check.
// May import contracts, SDK, lib/local and the functions' shared ports; it starts everything else as a process.
// Nothing that the product needs belongs here: no room imports this one but the command line.
export type { Bench, BenchOptions, BenchPlace } from './bench.ts';
export { BENCHES, findBench } from './benches.ts';
export { type ClaimSpec, judgeClaim, type Row } from './claims.ts';
export { BenchProcessError, pythonBench } from './python-bench.ts';
export { readRows, writeRows } from './rows.ts';
export { type TypescriptBench, typescriptBench } from './typescript-bench.ts';
