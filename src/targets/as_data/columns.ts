/** Which field of a line says what. */
export interface Columns {
  /** First address of a range, or a prefix. */
  readonly first: number;
  /** Last address of a range; `undefined` for prefixes. */
  readonly last: number | undefined;
  /** Length of a prefix that has it in a field of its own. */
  readonly length: number | undefined;
  readonly numbers: number;
  readonly name: number;
}

/** `16777216,16777471,13335,"Cloudflare, Inc."` */
const RANGE: Columns = { first: 0, last: 1, length: undefined, numbers: 2, name: 3 };
/** iptoasn: `1.0.0.0 1.0.0.255 13335 US CLOUDFLARENET` between tabs. */
const RANGE_WITH_COUNTRY: Columns = { ...RANGE, name: 4 };
/** IP2Location: `"16777216","16777471","1.0.0.0/24","13335","CloudFlare Inc."` */
const RANGE_WITH_PREFIX: Columns = { ...RANGE, numbers: 3, name: 4 };
/** GeoLite2: `1.0.0.0/24,13335,CLOUDFLARENET` */
const PREFIX: Columns = { first: 0, last: undefined, length: undefined, numbers: 1, name: 2 };
/** CAIDA's pfx2as: `1.0.0.0 24 13335` between tabs. */
const PREFIX_AND_LENGTH: Columns = { first: 0, last: undefined, length: 1, numbers: 2, name: 3 };

/** Which layout a line without a header has. */
export function columnsOf(fields: readonly string[]): Columns {
  const [first = "", second = "", third = "", fourth = ""] = fields;
  if (first.includes("/")) return PREFIX;
  if (/[.:]/.test(first) && /^\d{1,3}$/.test(second)) return PREFIX_AND_LENGTH;
  if (fields.length < 5) return RANGE;
  if (third.includes("/") || (third === "-" && fourth === "-")) return RANGE_WITH_PREFIX;
  return /^(?:[A-Z]{2}|None|-|)$/.test(fourth) ? RANGE_WITH_COUNTRY : RANGE;
}

/** Whether the first line names columns: neither numbers nor addresses are among them. */
export function isHeader(fields: readonly string[]): boolean {
  return fields.length > 1 && fields.every((field) => /^[a-z][a-z_ ]*$/i.test(field));
}

const HEADERS = {
  first: /^(?:start_?ip|ip_?from|(?:ip_?)?range_?start|first|start|network|prefix)$/,
  last: /^(?:end_?ip|ip_?to|(?:ip_?)?range_?end|last|end)$/,
  length: /^(?:prefix_?)?length$/,
  numbers: /^(?:asn|as_?number|autonomous_system_number)$/,
  name: /^(?:as|as_?name|as_?description|autonomous_system_organization|name|organization)$/,
} as const;

/** The columns that a header names, or `undefined` where it uses other words. */
export function namedColumns(header: readonly string[]): Columns | undefined {
  const find = (pattern: RegExp) => {
    const index = header.findIndex((field) => pattern.test(field.trim().toLowerCase().replaceAll(" ", "_")));
    return index < 0 ? undefined : index;
  };
  const [first, numbers] = [find(HEADERS.first), find(HEADERS.numbers)];
  if (first === undefined || numbers === undefined) return undefined;
  const name = find(HEADERS.name) ?? header.length;
  return { first, last: find(HEADERS.last), length: find(HEADERS.length), numbers, name };
}
