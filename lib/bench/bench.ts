/** How a bench is to be run. */
export interface BenchOptions {
  seed: number;
  /** A few minutes' worth of everything: shows that it runs, proves nothing. Written apart from the committed results. */
  quick: boolean;
  /** Claims to measure; none means all. */
  only: readonly string[];
  /** Go on with what an earlier run of the same seed and digests has measured. */
  resume: boolean;
}

/** Where a bench stands. */
export interface BenchPlace {
  checkout: string;
  /** Whether a script reads: then nothing is drawn on the terminal. */
  silent: boolean;
  tell(line: string): void;
}

/** One row of the table of benches, whatever language measures it. */
export interface Bench {
  about: string;
  /** Measure, write `<name>.json`, its rows and its table, and return the path of the first. */
  run(options: BenchOptions, place: BenchPlace): Promise<string>;
  /** Make every value again from the rows, and return a sentence per difference. */
  check(place: BenchPlace): Promise<string[]>;
}

/** Committed results, and those of quick or partial runs. */
export const RESULTS = 'bench';
export const SCRATCH = '.bench/results';
