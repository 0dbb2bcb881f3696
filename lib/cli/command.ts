import type { z } from 'zod';
import type { BenchControl } from './bench-control.ts';
import type { Cloud } from './cloud.ts';
import type { DeployControl } from './deploy/deploy-control.ts';
import type { LocalControl } from './local-control.ts';
import type { Progress } from './progress.ts';

/** One argument of a command. A flag that is on unless told otherwise is written `--no-<name>`. */
export type Argument =
  | { type: 'positional'; about: string }
  /** One or more, after all others. */
  | { type: 'positionals'; about: string }
  | { type: 'text'; value: string; about: string }
  | { type: 'flag'; byDefault: boolean; about: string };
export type Arguments = Record<string, Argument>;

export type Values<A extends Arguments> = {
  [Name in keyof A]: A[Name]['type'] extends 'positional'
    ? string
    : A[Name]['type'] extends 'positionals'
      ? string[]
      : A[Name]['type'] extends 'flag'
        ? boolean
        : string | undefined;
};

/** What a command may touch besides its arguments. */
export interface World {
  /** Paths that a person types are relative to it. */
  readonly folder: string;
  cloud(): Promise<Cloud>;
  readonly local: LocalControl;
  readonly benches: BenchControl;
  readonly deploys: DeployControl;
  createProgress(): Progress;
  /** A line for whoever watches; never part of the answer. */
  tell(line: string): void;
  /** Ask whoever watches a question of yes or no; undefined where nobody can answer. */
  ask(question: string): Promise<boolean | undefined>;
  now(): Date;
  pause(milliseconds: number): Promise<void>;
}

/** A command is data. `run` returns a document of the contract; `show` is the same for people. */
export interface Command<A extends Arguments, D> {
  meta: { name: string; about: string };
  args: A;
  document: z.ZodType<D>;
  run(values: Values<A>, world: World): Promise<D>;
  show(document: D, world: World): string;
  /** Whether the document tells of something to be mended: it is printed all the same, and the exit status is 2. */
  unmet?(document: D): boolean;
}

/** What a command answers a script, or a person. */
export interface Reply {
  json(): string;
  text(): string;
  unmet: boolean;
}

/** A command whose types have been checked where it was defined. */
export interface AnyCommand {
  meta: { name: string; about: string };
  args: Arguments;
  run(values: Record<string, unknown>, world: World): Promise<Reply>;
}

export function defineCommand<const A extends Arguments, D>(command: Command<A, D>): AnyCommand {
  return {
    meta: command.meta,
    args: command.args,
    async run(values, world) {
      const document = await command.run(values as Values<A>, world);
      return {
        // Parsed on the way out: what a script reads has the shape that the contract promises.
        json: () => JSON.stringify(command.document.parse(document), null, 2),
        text: () => command.show(document, world),
        unmet: command.unmet?.(document) ?? false,
      };
    },
  };
}
