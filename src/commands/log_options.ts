/**
 * The command line of `margay log`.
 *
 * @module
 */
import {
  argument,
  command,
  type InferValue,
  message,
  multiple,
  object,
  optional,
  string,
} from "@optique/core";
import { commandGroup, jsonToggle, refusing } from "./subcommands.ts";
import { setting } from "./setting.ts";
import { parseNames, RECORD_TYPES, wordParser } from "./values.ts";

const folder = argument(string({ metavar: "FOLDER", pattern: /^(?!-.)/ }), {
  description: message`The folder of a run.`,
  errors: {
    invalidValue:
      message`Cannot read a folder that starts with a dash: it looks like an option; write ./ before it`,
    endOfInput: message`Cannot start: no FOLDER given; name the folder of a run`,
  },
});

const folders = multiple(folder, {
  min: 1,
  errors: { tooFew: message`Cannot start: no FOLDER given; name the folder of a run` },
});

const parseType = wordParser(RECORD_TYPES);

const checkSettings = { folders };
const checkParser = object(checkSettings, refusing("log check", checkSettings));

const catSettings = {
  folders,
  types: optional(setting(["--type"], {
    metavar: "TYPE,...",
    description: `Only records of these types: ${RECORD_TYPES.join(", ")}.`,
    parse: (text) => parseNames(text).map(parseType),
    example: ["host"],
    completes: RECORD_TYPES,
  })),
};
const catParser = object(catSettings, refusing("log cat", catSettings));

const statsSettings = { folder, json: jsonToggle };
const statsParser = object(statsSettings, refusing("log stats", statsSettings));

/** What `margay log check` is asked. */
export type LogCheckOptions = InferValue<typeof checkParser>;
/** What `margay log cat` is asked. */
export type LogCatOptions = InferValue<typeof catParser>;
/** What `margay log stats` is asked. */
export type LogStatsOptions = InferValue<typeof statsParser>;

const commands = {
  check: command(
    "check",
    checkParser.map((options) => ({ kind: "log", command: "check", options }) as const),
    {
      brief: message`Read all of a log: is it whole, and can its run be resumed?`,
      footer: message`Ends with 0 when it is complete or can be resumed, with 1 when it cannot be read.`,
    },
  ),
  cat: command("cat", catParser.map((options) => ({ kind: "log", command: "cat", options }) as const), {
    brief: message`Write a log's records to standard output, a line each.`,
  }),
  stats: command(
    "stats",
    statsParser.map((options) => ({ kind: "log", command: "stats", options }) as const),
    {
      brief: message`Count what is in a log: records, captures, rates.`,
    },
  ),
};

/** What comes of a command line that starts with `margay log`: the command's name and its options. */
export type LogInvocation = InferValue<(typeof commands)[keyof typeof commands]>;

/** `margay log`, with the command that is named, or with any. */
export const logCommand = commandGroup<LogInvocation>("log", commands, {
  brief: message`Check, print and count what a run wrote.`,
  usageLine: [{ type: "literal", value: "COMMAND [OPTION...] FOLDER..." }],
});
