/**
 * What the commands of `margay graph`, and those of `margay log`, have in common.
 *
 * @module
 */
import {
  argument,
  command,
  type CommandOptions,
  lineBreak,
  type Message,
  message,
  object,
  optional,
  or,
  type Parser,
  string,
  text,
  type UsageTerm,
} from "@optique/core";
import { count, file, unexpectedInput } from "./common_options.ts";
import { setting, toggle } from "./setting.ts";
import { parseCount } from "./units.ts";
import { atMost } from "./values.ts";

/** Where the graph is: the last argument of each command that reads one. */
export const graphArgument = optional(argument(string({ metavar: "GRAPH", pattern: /^(?!-.)/ }), {
  description: message`A graph, or the folder of its run. [the graph in this folder]`,
}));

/** For addresses whose AS a graph is to know. */
export const asDatabaseSetting = optional(setting(["--asn-db"], {
  ...file,
  description: "Note the AS of addresses, from this file: CSV, pfx2as or MMDB.",
}));

/** For programs. */
export const jsonToggle = toggle(["--json"], "Write JSON, an object a line.");

/** How much is listed. */
export function limitSetting(description: string) {
  return setting(["--limit"], {
    ...count,
    description,
    parse: (text) => atMost(parseCount(text), 1_000_000),
  });
}

/** The words with which a command, such as `graph build`, refuses what it doesn't take. */
export function refusing(
  name: string,
  settings: Readonly<Record<string, Parser<"sync", unknown, unknown>>>,
) {
  return {
    errors: {
      unexpectedInput: (token: string) =>
        token.startsWith("-")
          ? unexpectedInput(name, object(settings).usage, token)
          : message`${text(`Cannot use ${token}: ${name} takes no more arguments; leave it out`)}`,
    },
  };
}

/**
 * A command that is followed by one of `commands`. Where that is named its own parser reads on: what that refuses, `or`
 * would only call unexpected.
 */
export function commandGroup<Value>(
  group: string,
  commands: Readonly<Record<string, Parser<"sync", Value, unknown>>>,
  page: CommandOptions,
) {
  const wayOut = text(`margay ${group} --help lists them`);
  const anyCommand = or(...Object.values(commands), {
    errors: {
      noMatch: message`Cannot start: margay ${text(group)} needs a command; ${wayOut}`,
      unexpectedInput: (token) =>
        message`Cannot run ${text(group)} ${token}: there is no such command; ${wayOut}`,
    },
  });
  return (name?: string) => {
    const named = name !== undefined && Object.hasOwn(commands, name) ? commands[name] : undefined;
    return command(group, named ?? anyCommand, page);
  };
}

/** One command of `margay graph`, with what the help says of it. */
export function graphSubcommand<Value, State>(
  name: string,
  brief: string,
  parser: Parser<"sync", Value, State>,
  footer: readonly Message[] = [],
) {
  return command(name, parser, {
    brief: message`${text(brief)}`,
    usageLine: (
      usage,
    ) => [{ type: "literal", value: "[OPTION...]" }, ...usage.filter((term) => !isOption(term))],
    ...footer.length === 0
      ? {}
      : { footer: footer.flatMap((line, index) => index === 0 ? line : [lineBreak(), ...line]) },
  });
}

/** Options are listed below the usage line, which would be all of a screen with them. */
function isOption(term: UsageTerm): boolean {
  if (term.type === "optional" || term.type === "multiple") return term.terms.every(isOption);
  return term.type === "option";
}
