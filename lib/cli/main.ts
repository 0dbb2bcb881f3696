import { CommanderError } from 'commander';
import type { CloudChoice } from './cloud.ts';
import type { World } from './command.ts';
import { EXIT_STATUS, KnownError } from './errors.ts';
import { buildProgram } from './program.ts';

/** The two streams of a command line: the answer, and everything said on the way to it. */
export interface Streams {
  answer(text: string): void;
  aside(text: string): void;
}

/** Run one command line and return its exit status. `createWorld` is told which cloud was named and whether a script reads. */
export async function main(
  words: readonly string[],
  streams: Streams,
  createWorld: (choice: CloudChoice, json: boolean) => World,
): Promise<number> {
  // Known before parsing: a script that asked for JSON gets JSON for wrong usage as well.
  const json = words.includes('--json');
  let status: number = EXIT_STATUS.done;
  const program = buildProgram(async (typed) => {
    const reply = await typed.command.run(typed.values, createWorld(typed.choice, typed.json));
    streams.answer(`${typed.json ? reply.json() : reply.text()}\n`);
    if (reply.unmet) status = EXIT_STATUS.known;
  });
  const output = { writeOut: streams.answer, writeErr: (text: string) => (json ? undefined : streams.aside(text)) };
  for (const command of [program, ...program.commands, ...program.commands.flatMap((group) => group.commands)]) {
    command.configureOutput(output).showHelpAfterError('(add --help for how it is used)');
  }
  try {
    await program.parseAsync([...words], { from: 'user' });
    return status;
  } catch (error) {
    return report(error, json, streams);
  }
}

function report(error: unknown, json: boolean, streams: Streams): number {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return EXIT_STATUS.done;
    if (json) streams.answer(errorDocument('usage', error.message));
    return EXIT_STATUS.known;
  }
  if (error instanceof KnownError) {
    if (json) streams.answer(errorDocument(error.code, error.message));
    else streams.aside(`${error.message}\n`);
    return EXIT_STATUS.known;
  }
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  streams.aside(`${stack}\n`);
  if (json) streams.answer(errorDocument('internal', error instanceof Error ? error.message : String(error)));
  return EXIT_STATUS.unknown;
}

const errorDocument = (code: string, sentence: string): string =>
  `${JSON.stringify({ document: 'error', code, sentence }, null, 2)}\n`;
