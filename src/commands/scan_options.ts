import { type InferValue, type Message, object, optional } from "@optique/core";
import type { ScanOptions } from "../scan/options.ts";
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
import { setting } from "./setting.ts";
import { parseSeconds } from "./units.ts";
import { atMost } from "./values.ts";

const targetSection = object("What to scan", {
  ...targetSettings,
  maxResults: optional(
    setting(["-N", "--max-results"], { ...count, description: "Stop after so many verified hosts." }),
  ),
});

const paceSection = object("How fast, how long", {
  ...paceSettings,
  cooldownSeconds: cooldownSetting(8),
  captureTimeoutSeconds: setting(["--capture-timeout"], {
    metavar: "SECONDS",
    description: "Give up on one host's certificate after so long.",
    parse: (text) => atMost(parseSeconds(text, 0.1), 600),
    example: 10,
  }).withDefault(10),
});

const networkSection = object("Through what", networkSettings);

const resultSection = object("What comes out", {
  output: optional(setting(["-o", "--output"], {
    ...file,
    metavar: "FOLDER",
    description: "Where the log goes; - is standard output. [margay-RUN]",
  })),
  ...reportSettings,
});

const sections = object(
  { targets: targetSection, pace: paceSection, network: networkSection, results: resultSection },
  { errors: { unexpectedInput: refuseInput } },
);

/** What comes of a command line that starts with `margay scan`. */
export type ScanInvocation =
  | { readonly kind: "scan"; readonly options: ScanOptions }
  /** Every value is well-formed alone, together they make no sense. */
  | { readonly kind: "refuse"; readonly message: string };

/** Reads what follows `margay scan`. */
export const scanInvocation = sections.map(({ targets, pace, network, results }) =>
  checkOptions({ ...targets, ...pace, ...network, ...results })
);

function refuseInput(token: string): Message {
  return unexpectedInput("scan", sections.usage, token);
}

type GivenOptions =
  & InferValue<typeof targetSection>
  & InferValue<typeof paceSection>
  & InferValue<typeof networkSection>
  & InferValue<typeof resultSection>;

/** What only a sweep can be asked for. */
const SWEEP_ONLY = {
  cursor: 0n,
  retryRate: undefined,
  minHitRate: undefined,
  resets: true,
} as const;

function checkOptions(given: GivenOptions): ScanInvocation {
  const conflict = commonConflict("scan", given);
  if (conflict !== undefined) return { kind: "refuse", message: conflict };
  return { kind: "scan", options: { ...commonOptions(given), ...SWEEP_ONLY } };
}
