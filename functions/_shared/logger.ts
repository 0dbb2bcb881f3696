import pino, { type DestinationStream } from 'pino';
import type { Log } from './ports.ts';

/** What a line is about: which function, handling which message. */
export interface LogSubject {
  function: string;
  message: string;
}

export interface Logger {
  log: Log;
  /** Log what went wrong: passing errors as warnings, all others with their stack. */
  failure: (event: string, error: unknown, passing: boolean) => void;
}

/** One JSON line per fact, to standard output unless a test listens. */
export const linesTo = (destination: DestinationStream): pino.Logger =>
  pino(
    {
      base: null,
      messageKey: 'event',
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    destination,
  );

const standardOutput = linesTo(pino.destination({ fd: 1, sync: true }));

/** A logger of JSON lines. It cannot be made without its subject. */
export function createLogger(subject: LogSubject, lines = standardOutput): Logger {
  const about = lines.child(subject);
  return {
    log: (event, facts = {}) => about.info(facts, event),
    failure(event, error, passing) {
      const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
      if (passing) about.warn({ error: name, reason: message }, event);
      else about.error({ error: name, reason: message, stack }, event);
    },
  };
}
