import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** Every hop that work makes through the local cloud. */
export type Hop =
  | 'object.created'
  | 'event.routed'
  | 'schedule.fired'
  | 'function.invoked'
  | 'function.finished'
  | 'job.submitted'
  | 'job.started'
  | 'job.ended'
  | 'fault.injected';

/** One hop. Which ids it carries depends on the hop; all of them are ids that the next hop repeats. */
export interface TraceEntry {
  time: string;
  hop: Hop;
  /** The process that did it, where that is not the runner. */
  pid?: number;
  bucket?: string;
  objectKey?: string;
  eventId?: string;
  detailType?: string;
  rule?: string;
  schedule?: string;
  queue?: string;
  messageId?: string;
  messageIds?: string[];
  /** Of a function's messages, those that come back. */
  failedMessageIds?: string[];
  function?: string;
  requestId?: string;
  outcome?: string;
  milliseconds?: number;
  jobId?: string;
  jobName?: string;
  jobQueue?: string;
  arraySize?: number;
  attempt?: number;
  exitCode?: number;
  statusReason?: string;
  /** A fault, and what it struck. */
  fault?: string;
  about?: string;
}

/** Writes one JSON line per hop. */
export class Trace {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, '');
  }

  write(entry: Omit<TraceEntry, 'time'>): void {
    // Synchronous: a line must be in the file before the hop's effect can be seen, also when we are killed next.
    appendFileSync(this.path, `${JSON.stringify({ time: new Date().toISOString(), ...entry })}\n`);
  }
}

/** Read the hops written so far, oldest first. */
export function readTrace(path: string): TraceEntry[] {
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, 'utf8').split('\n');
  // What follows the last line break is a line that is still being written.
  return lines.slice(0, -1).map((line) => JSON.parse(line) as TraceEntry);
}
