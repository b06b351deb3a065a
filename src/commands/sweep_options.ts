import { type InferValue, type Message, object, optional } from "@optique/core";
import { compileFilter, fieldsOf, findField, FORMAT_NAMES, type FormatName } from "../results/mod.ts";
import type { SweepOptions } from "../scan/options.ts";
import { formatCount } from "../text/mod.ts";
import {
  commonConflict,
  commonOptions,
  cooldownSetting,
  count,
  file,
  networkSettings,
  paceSettings,
  reportSettings,
  targetSettings,
  unexpectedInput,
} from "./common_options.ts";
import { setting, toggle } from "./setting.ts";
import { parseCursor, parseNames, parseShare, wordParser } from "./values.ts";

/** What is written unless something else is asked for. */
const DEFAULT_FILTER = "open";

const targetSection = object("What to probe", {
  ...targetSettings,
  maxResults: optional(
    setting(["-N", "--max-results"], { ...count, description: "Stop after so many results." }),
  ),
  cursor: optional(setting(["--cursor"], {
    metavar: "NUMBER",
    description: "Go on where a sweep with the same targets and --seed ended, as its metadata says.",
    parse: parseCursor,
    example: 0n,
  })),
});

const paceSection = object("How fast, how long", {
  ...paceSettings,
  cooldownSeconds: cooldownSetting("auto"),
  retryRate: optional(setting(["--retry-rate"], {
    ...count,
    metavar: "RATE",
    description: "Probes per second while --retries asks again. [--rate]",
  })),
  minHitRate: optional(setting(["--min-hitrate"], {
    metavar: "SHARE",
    description: "Stop when less than this share of the probes, such as 0.1%, finds an open port.",
    parse: parseShare,
    example: 0.001,
  })),
});

const networkSection = object("Through what", {
  ...networkSettings,
  noReset: toggle(
    ["--no-reset"],
    "Let the connections that open ports began time out; by default they are reset.",
  ),
});

const resultSection = object("What comes out", {
  output: optional(setting(["-o", "--output"], {
    ...file,
    description: "Where results go; - is standard output. [-]",
  })),
  format: setting<FormatName>(["--format"], {
    metavar: "NAME",
    description: "ndjson or csv; zmap-csv or zmap-json for programs that read ZMap's output.",
    parse: wordParser(FORMAT_NAMES),
    example: "ndjson",
    completes: FORMAT_NAMES,
  }).withDefault("ndjson"),
  fields: optional(setting(["-f", "--fields"], {
    metavar: "NAMES",
    description: "What to write of each result, such as address,port,rtt; * for all of --list-fields.",
    parse: parseNames,
    example: ["address"],
  })),
  listFields: toggle(["--list-fields"], "List what --fields and --filter can name."),
  filter: optional(setting(["--filter"], {
    metavar: "EXPRESSION",
    description: `Write what fulfils this, such as 'open && rtt < 50'. [${DEFAULT_FILTER}]`,
    parse: parseFilter,
    example: DEFAULT_FILTER,
  })),
  all: toggle(["--all"], "Write every verdict: open, closed, unreachable, filtered."),
  status: optional(setting(["--status"], {
    ...file,
    description: "Write counters to this file each second, in ZMap's columns.",
  })),
  metadata: optional(setting(["--metadata"], {
    ...file,
    description: "Write what was asked, decided and counted to this file. [FILE.meta.json beside --output]",
  })),
  ...reportSettings,
});

const sections = object(
  { targets: targetSection, pace: paceSection, network: networkSection, results: resultSection },
  { errors: { unexpectedInput: refuseInput } },
);

/** What comes of a command line that starts with `margay sweep`. */
export type SweepInvocation =
  | { readonly kind: "sweep"; readonly options: SweepOptions }
  /** `--list-fields`. */
  | { readonly kind: "show"; readonly text: string }
  /** Every value is well-formed alone, together they make no sense. */
  | { readonly kind: "refuse"; readonly message: string };

/** Reads what follows `margay sweep`. */
export const sweepInvocation = sections.map(({ targets, pace, network, results }) =>
  checkOptions({ ...targets, ...pace, ...network, ...results })
);

function refuseInput(token: string): Message {
  return unexpectedInput("sweep", sections.usage, token);
}

type GivenOptions =
  & InferValue<typeof targetSection>
  & InferValue<typeof paceSection>
  & InferValue<typeof networkSection>
  & InferValue<typeof resultSection>;

function checkOptions(given: GivenOptions): SweepInvocation {
  if (given.listFields) return { kind: "show", text: fieldTable(given.format) };
  const conflict = commonConflict("sweep", given) ?? sweepConflict(given);
  if (conflict !== undefined) return { kind: "refuse", message: conflict };
  const { noReset, listFields: _, all, ...options } = given;
  return {
    kind: "sweep",
    options: {
      ...commonOptions(options),
      cooldownSeconds: given.cooldownSeconds ?? "auto",
      cursor: given.cursor ?? 0n,
      resets: !noReset,
      fields: given.fields?.[0] === "*" ? fieldsOf(given.format).map(({ name }) => name) : given.fields,
      output: given.output ?? "-",
      filter: all ? undefined : given.filter ?? DEFAULT_FILTER,
    },
  };
}

function sweepConflict(given: GivenOptions): string | undefined {
  const { cursor, seed, format, fields } = given;
  if (cursor !== undefined && cursor > 0n && seed === undefined) {
    return "Cannot use --cursor without --seed: it is a place in one order; " +
      "give the seed of the sweep that ended there";
  }
  if (given.all && given.filter !== undefined) {
    return "Cannot use --all with --filter: one asks for everything, the other for a part; leave one out";
  }
  const unknown = fields?.find((name) => name !== "*" && findField(fieldsOf(format), name) === undefined);
  if (unknown !== undefined) {
    return `Cannot use --fields ${unknown}: ${format} has no such field; margay sweep --format ${format} ` +
      "--list-fields lists them";
  }
  const unused = given.dryRun ? DRY_RUN_UNUSED.find(({ key }) => given[key] !== undefined) : undefined;
  if (unused !== undefined) {
    return `Cannot use ${unused.flag} with --dry-run: a dry run prints targets and nothing else; leave one out`;
  }
}

/** What a sweep that sends nothing has no use for. */
const DRY_RUN_UNUSED = [
  { key: "fields", flag: "--fields" },
  { key: "filter", flag: "--filter" },
  { key: "status", flag: "--status" },
  { key: "metadata", flag: "--metadata" },
] as const;

/** The expression as typed, once it is known to be one. */
function parseFilter(text: string): string {
  compileFilter(text);
  return text;
}

/** The fields of a format, one line each. */
function fieldTable(format: FormatName): string {
  const fields = fieldsOf(format);
  const width = Math.max(...fields.map(({ name }) => name.length));
  const title = `${formatCount(fields.length)} fields of ${format}:`;
  return [title, ...fields.map(({ name, description }) => `  ${name.padEnd(width)}  ${description}`)].join(
    "\n",
  );
}
