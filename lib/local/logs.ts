import { createWriteStream, mkdirSync, type WriteStream } from 'node:fs';
import { dirname, join } from 'node:path';
import { CreateLogGroupCommand, CreateLogStreamCommand, PutLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import type { Clients } from './clients.ts';

const FLUSH_MS = 1_000;
const MOST_EVENTS = 1_000;

/** One log stream: every line goes to a file at once and to CloudWatch Logs within a second. */
export interface LogStream {
  write(line: string): void;
  close(): void;
}

/** Keeps all log streams of a local cloud. */
export class LogBook {
  readonly #folder: string;
  readonly #clients: Clients;
  readonly #groups = new Map<string, Promise<void>>();
  readonly #files = new Map<string, WriteStream>();
  readonly #pending = new Set<() => Promise<void>>();
  readonly #timer: NodeJS.Timeout;

  constructor(folder: string, clients: Clients) {
    this.#folder = folder;
    this.#clients = clients;
    this.#timer = setInterval(() => void this.flush(), FLUSH_MS);
    this.#timer.unref();
  }

  /** Open a stream of a log group; `file` is its path below the log folder. */
  open(group: string, stream: string, file: string): LogStream {
    const out = this.#fileOf(file);
    let waiting: { timestamp: number; message: string }[] = [];
    let created: Promise<void> | undefined;
    const flush = async (): Promise<void> => {
      while (waiting.length > 0) {
        const batch = waiting.slice(0, MOST_EVENTS);
        waiting = waiting.slice(MOST_EVENTS);
        created ??= this.#create(group, stream);
        await created;
        await this.#clients.logs.send(
          new PutLogEventsCommand({ logGroupName: group, logStreamName: stream, logEvents: batch }),
        );
      }
    };
    this.#pending.add(flush);
    return {
      write: (line) => {
        out.write(`${line}\n`);
        if (line !== '') waiting.push({ timestamp: Date.now(), message: line });
      },
      close: () => {
        void flush()
          .catch(() => undefined)
          .finally(() => this.#pending.delete(flush));
      },
    };
  }

  /** Send what waits. CloudWatch is a convenience here: the files have every line, so a failure is not one of ours. */
  async flush(): Promise<void> {
    await Promise.allSettled([...this.#pending].map((flush) => flush()));
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all([...this.#files.values()].map((out) => new Promise<void>((resolve) => out.end(() => resolve()))));
  }

  #fileOf(file: string): WriteStream {
    const path = join(this.#folder, file);
    let out = this.#files.get(path);
    if (out === undefined) {
      mkdirSync(dirname(path), { recursive: true });
      out = createWriteStream(path, { flags: 'a' });
      this.#files.set(path, out);
    }
    return out;
  }

  async #create(group: string, stream: string): Promise<void> {
    let made = this.#groups.get(group);
    if (made === undefined) {
      made = this.#clients.logs.send(new CreateLogGroupCommand({ logGroupName: group })).then(
        () => undefined,
        () => undefined,
      );
      this.#groups.set(group, made);
    }
    await made;
    await this.#clients.logs.send(new CreateLogStreamCommand({ logGroupName: group, logStreamName: stream }));
  }
}
