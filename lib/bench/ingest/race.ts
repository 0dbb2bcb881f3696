import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** What either side answers about one picture. */
export interface Answer {
  milliseconds: number;
  vector: number[];
  figures: number;
  bytes: number;
}

/** A process that is told paths and answers each with a line. Started once: what is timed is the work, not the start. */
export interface Runner {
  ingest(path: string): Promise<Answer>;
  stop(): void;
}

export function startRunner(command: string, words: readonly string[], cwd: string): Runner {
  const child: ChildProcess = spawn(command, words, { cwd, stdio: ['pipe', 'pipe', 'pipe'] });
  if (!child.stdout || !child.stdin || !child.stderr) throw new Error(`${command} has no pipes`);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const { stdin } = child;
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(-2_000);
  });
  return {
    async ingest(path) {
      stdin.write(`${path}\n`);
      const { value, done } = await lines.next();
      if (done) throw new Error(`${command} ${words.join(' ')} ended without an answer:\n${complaint}`);
      return JSON.parse(value) as Answer;
    },
    stop: () => stdin.end(),
  };
}
