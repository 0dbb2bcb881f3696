import { Command as Commander, Option } from 'commander';
import type { CloudChoice } from './cloud.ts';
import type { AnyCommand } from './command.ts';
import { COMMANDS, GROUPS } from './commands.ts';
import { DEFAULT_STACK } from './stack.ts';

/** What was typed: which command, with which values, in which cloud, read by whom. */
export interface Typed {
  command: AnyCommand;
  values: Record<string, unknown>;
  choice: CloudChoice;
  json: boolean;
}

/** Lay commander under the table of commands. `onTyped` is called with the one that was typed. */
export function buildProgram(onTyped: (typed: Typed) => Promise<void>): Commander {
  const program = new Commander('troupe')
    .description('Keeps a character, person, animal or product on model across hundreds of pictures.')
    .option('--json', 'print one JSON document and nothing else', false)
    .option(
      '--stack <name>',
      `a deployed stack (default: the local cloud; with --profile or --region, ${DEFAULT_STACK})`,
    )
    .option('--profile <name>', 'AWS profile of the account it is deployed in')
    .option('--region <name>', 'AWS region it is deployed in')
    .addHelpText(
      'after',
      '\nExit status: 0 done; 2 a known error, with a sentence that says what to do; 1 anything else.',
    )
    .exitOverride();
  const groups = new Map<string, Commander>();
  for (const command of COMMANDS) {
    const [first = '', second] = command.meta.name.split(' ');
    let parent = program;
    if (second !== undefined) {
      parent =
        groups.get(first) ??
        // A command may have commands below it: `bench <name>` and `bench check <name>`.
        program.commands.find((made) => made.name() === first) ??
        program
          .command(first)
          .description(GROUPS[first] ?? '')
          .exitOverride();
      groups.set(first, parent);
    }
    addCommand(parent, second ?? first, command, onTyped);
  }
  return program;
}

function addCommand(
  parent: Commander,
  name: string,
  command: AnyCommand,
  onTyped: (typed: Typed) => Promise<void>,
): void {
  const made = parent.command(name).description(command.meta.about).exitOverride();
  const positionals: string[] = [];
  for (const [key, argument] of Object.entries(command.args)) {
    if (argument.type === 'positional' || argument.type === 'positionals') {
      made.argument(`<${key}${argument.type === 'positionals' ? '...' : ''}>`, argument.about);
      positionals.push(key);
    } else if (argument.type === 'text')
      made.addOption(new Option(`--${flagOf(key)} <${argument.value}>`, argument.about));
    else
      made.addOption(
        new Option(`--${argument.byDefault ? 'no-' : ''}${flagOf(key)}`, argument.about).default(argument.byDefault),
      );
  }
  made.action(async (...typed: unknown[]) => {
    const { json, stack, profile, region, ...options } = made.optsWithGlobals();
    const named = Object.fromEntries(positionals.map((key, index) => [key, typed[index]]));
    await onTyped({
      command,
      values: { ...options, ...named },
      choice: { stack, profile, region },
      json: json === true,
    });
  });
}

/** `faultSeed` is typed `--fault-seed`; commander takes it back to `faultSeed`. */
const flagOf = (key: string): string => key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
