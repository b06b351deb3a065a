import { LOG_VERSION, type Observation } from "./observation.ts";

/** What a field holds; those with `?` hold null where there is nothing. */
type Kind =
  | "text"
  | "number"
  | "flag"
  | "texts"
  | "list"
  | "fields"
  | "text?"
  | "number?"
  | "flag?"
  | "list?"
  | "fields?";

type FieldKinds = {
  readonly [Type in Observation["type"]]: {
    readonly [Field in keyof Extract<Observation, { readonly type: Type }>]?: Kind;
  };
};

const endpoint = { address: "text", port: "number" } as const;
const traffic = { bytes_sent: "number", bytes_received: "number", duration_ms: "number" } as const;

/** The fields that a record of each type has always, beside `type` and `time`. */
const REQUIRED: FieldKinds = {
  run: {
    id: "text",
    log_version: "number",
    margay_version: "text",
    config: "fields",
    seed: "number",
    targets: "number",
  },
  name: { name: "text", addresses: "texts" },
  host: { ...endpoint, verdict: "text", transport: "text" },
  tls: { ...endpoint, transport: "text", outcome: "text", hello: "text", chain: "texts", ...traffic },
  jarm: { ...endpoint, jarm: "text" },
  tls_support: { ...endpoint, versions: "list", refusals: "list", hellos: "number", complete: "flag" },
  session: { ...endpoint, outcome: "text", ...traffic },
  certificate: {
    fingerprint: "text",
    fingerprint_sha1: "text",
    fingerprint_md5: "text",
    tbs_fingerprint: "text?",
    spki_fingerprint: "text?",
    version: "number?",
    serial_number: "text?",
    subject: "fields?",
    issuer: "fields?",
    self_issued: "flag",
    claims_self_signed: "flag",
    not_before: "text?",
    not_after: "text?",
    key_algorithm: "text?",
    key_bits: "number?",
    key_curve: "text?",
    signature_algorithm: "text?",
    alternative_names: "fields?",
    is_authority: "flag?",
    key_usage: "list?",
    extended_key_usage: "list?",
    validation_level: "text",
    errors: "texts",
    der: "text",
  },
  checkpoint: { cursor: "text", targets_settled: "number", pending: "list", counters: "fields" },
  resume: { margay_version: "text", cursor: "text", pending: "number" },
  end: { reason: "text", counters: "fields" },
};

const checks: ReadonlyMap<string, readonly (readonly [field: string, kind: Kind])[]> = new Map(
  Object.entries(REQUIRED).map(([type, fields]) => [type, Object.entries(fields) as [string, Kind][]]),
);

/** What keeps JSON from being a record, to stand behind "Cannot read FILE line 7: "; undefined when it is one. */
export function recordFault(value: unknown): string | undefined {
  if (!isFields(value) || typeof value.type !== "string" || typeof value.time !== "string") {
    return 'not a record with "type" and "time"';
  }
  // Which fields a newer version's log has is not known here; its reader refuses it.
  if (value.type === "run" && typeof value.log_version === "number" && value.log_version > LOG_VERSION) {
    return;
  }
  // Types that are not known either are passed over.
  for (const [field, kind] of checks.get(value.type) ?? []) {
    if (!isKind(value[field], kind)) return `a record of type "${value.type}" without a usable "${field}"`;
  }
}

function isKind(value: unknown, kind: Kind): boolean {
  switch (kind) {
    case "text":
      return typeof value === "string";
    case "number":
      return typeof value === "number";
    case "flag":
      return typeof value === "boolean";
    case "texts":
      return Array.isArray(value) && value.every((member) => typeof member === "string");
    case "list":
      return Array.isArray(value);
    case "fields":
      return isFields(value);
    case "text?":
      return value === null || typeof value === "string";
    case "number?":
      return value === null || typeof value === "number";
    case "flag?":
      return value === null || typeof value === "boolean";
    case "list?":
      return value === null || Array.isArray(value);
    case "fields?":
      return value === null || isFields(value);
  }
}

function isFields(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
