import { type InferValue, object, optional } from "@optique/core";
import { graphArgument, graphSubcommand, jsonToggle, refusing } from "./subcommands.ts";
import { setting, toggle } from "./setting.ts";
import { parseSpan, parseTime } from "./values.ts";

const STANDARD_SPAN_MS = 30 * 86_400_000;

const settings = {
  graph: graphArgument,
  within: optional(setting(["--within"], {
    metavar: "SPAN",
    description: "Those that end within this time, such as 12h, 30d or 8w. [30d]",
    parse: parseSpan,
    example: STANDARD_SPAN_MS,
  })),
  expired: toggle(["--expired"], "Those that have ended already."),
  at: optional(setting(["--at"], {
    metavar: "TIME",
    description: "As of this time, such as 2026-12-31 or 2026-12-31T18:00:00Z. [now]",
    parse: parseTime,
    example: 0,
  })),
  json: jsonToggle,
};
const parser = object(settings, refusing("graph expiring", settings));

/** What `margay graph expiring` is asked. */
export interface ExpiringOptions extends Omit<InferValue<typeof parser>, "within"> {
  readonly withinMs: number;
}

/** `margay graph expiring`. */
export const graphExpiringCommand = graphSubcommand(
  "expiring",
  "List certificates that end soon and were served in the last run.",
  parser.map(({ within, ...options }) => {
    if (within !== undefined && options.expired) {
      const message =
        "Cannot use --within with --expired: one asks for what is to come, the other for what has " +
        "been; leave one out";
      return { kind: "refuse", message } as const;
    }
    return {
      kind: "graph",
      command: "expiring",
      options: { ...options, withinMs: within ?? STANDARD_SPAN_MS },
    } as const;
  }),
);
