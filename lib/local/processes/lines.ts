import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

/** Call `onLine` with every line of the streams; the promise ends when all of them have. */
export async function eachLine(streams: Readable[], onLine: (line: string) => void): Promise<void> {
  await Promise.all(
    streams.map(async (stream) => {
      for await (const line of createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY })) onLine(line);
    }),
  );
}
