/**
 * Values of single options. Each throws an `Error` with the reason alone, as `setting` wants it.
 *
 * @module
 */

import { isIP } from "node:net";
import type { Observation } from "../observe/mod.ts";
import type {
  AskOptions,
  NetworkOptions,
  ScanOptions,
  ServerNamePolicy,
  Shard,
  SynOptions,
  TargetLimit,
} from "../scan/options.ts";
import { parseHostName } from "../targets/mod.ts";
import type { TlsMode } from "../tls/mod.ts";
import { formatCount } from "../text/mod.ts";
import { parseCount, parseSeconds } from "./units.ts";

/** The values of `--transport`. */
export const TRANSPORTS: readonly NetworkOptions["transport"][] = ["auto", "wire", "kernel"];

/** The values of `--syn-options`. */
export const SYN_OPTIONS: readonly SynOptions[] = ["linux", "windows", "bsd", "mss", "none"];

/** The values of `--tls`. */
export const TLS_MODES: readonly TlsMode[] = [
  ...["auto", "max", "pq", "legacy"] as const,
  ...["1.3", "1.2", "1.1", "1.0", "ssl3", "ssl2"] as const,
];

/** The values of `--starttls`. */
export const STARTTLS: readonly NonNullable<AskOptions["starttls"]>[] = [
  "auto",
  ...["smtp", "imap", "pop3", "ftp", "postgres", "mysql", "ldap", "xmpp"] as const,
];

/** The values of a scan's `--format`. */
export const SCAN_FORMATS: readonly ScanOptions["format"][] = ["log", "zgrab2"];

/** The values of `--type`, in about the order in which a log has them. */
export const RECORD_TYPES = Object.keys(
  {
    run: true,
    name: true,
    host: true,
    tls: true,
    jarm: true,
    tls_support: true,
    session: true,
    certificate: true,
    checkpoint: true,
    resume: true,
    end: true,
  } satisfies Record<Observation["type"], true>,
) as readonly Observation["type"][];

/** The packet plane numbers shards with 32 bits. */
const SHARD_COUNT_MAX = 2 ** 32 - 1;

/** The name of a file or folder. */
export function parsePath(text: string): string {
  if (text === "") throw new Error("the name is empty");
  return text;
}

/** A parser that takes one of these words. */
export function wordParser<Word extends string>(words: readonly Word[]): (text: string) => Word {
  return (text) => {
    const word = words.find((word) => word === text);
    if (word === undefined) throw new Error(`it is ${words.slice(0, -1).join(", ")} or ${words.at(-1)}`);
    return word;
  };
}

/** A count (`1000`, `10K`) or a share (`0.1%`). */
export function parseTargetLimit(text: string): TargetLimit {
  if (!text.endsWith("%")) return { count: parseCount(text) };
  return { share: parseShare(text) };
}

/** `0.1%`, as a part of 1. */
export function parseShare(text: string): number {
  // Not a division: 1.1 / 100 is not the number nearest to 0.011.
  const share = /^\d+(\.\d+)?%$/.test(text) ? Number(`${text.slice(0, -1)}e-2`) : 0;
  if (share <= 0 || share > 1) throw new Error("a share lies above 0% and up to 100%");
  return share;
}

/** `1/3` to `3/3`: the first to the third of three parts. */
export function parseShard(text: string): Shard {
  const match = /^(\d{1,10})\/(\d{1,10})$/.exec(text);
  if (!match) throw new Error("a shard is its number and how many there are, as 1/3, 2/3 and 3/3");
  const [number, count] = [Number(match[1]), Number(match[2])];
  if (count === 0) throw new Error("a whole has at least one part: 1/1");
  if (count > SHARD_COUNT_MAX) throw new Error(`more than ${formatCount(SHARD_COUNT_MAX)} shards`);
  if (number < 1 || number > count) {
    throw new Error(`shards of ${count} go from 1/${count} to ${count}/${count}`);
  }
  return { index: number - 1, count };
}

/** Where in the permutation to go on. */
export function parseCursor(text: string): bigint {
  if (!/^\d{1,20}$/.test(text)) throw new Error("not a number, as a sweep's metadata has it");
  return BigInt(text);
}

/** `auto` or a number of seconds. */
export function parseCooldown(text: string): number | "auto" {
  if (text === "auto") return text;
  if (/^[a-z]/i.test(text)) throw new Error("neither a number of seconds nor auto");
  return parseSeconds(text);
}

/** `none`, `reverse`, or a host name. */
export function parseServerName(text: string): ServerNamePolicy {
  if (text === "given" || text === "none" || text === "reverse") return text;
  if (isIP(text) !== 0) {
    throw new Error("an address is no server name (RFC 6066, 3); leave it out, or write none");
  }
  return { name: parseHostName(text) };
}

/** The path of a request (RFC 9112, 3.2.1), with its query. */
export function parseHttpPath(text: string): string {
  if (!/^\/[!-~]*$/.test(text)) {
    throw new Error("a path starts with / and has no spaces; write others as %20");
  }
  return text;
}

/** Names between commas, each once; or `*`. */
export function parseNames(text: string): readonly string[] {
  const names = text.split(",").map((name) => name.trim());
  if (names.includes("")) throw new Error("a name is empty");
  if (names.includes("*") && names.length > 1) throw new Error("* is every field: it stands alone");
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new Error(`${twice} stands there twice`);
  return names;
}

/** `0` to `5`. */
export function parseVerbosity(text: string): number {
  if (!/^[0-5]$/.test(text)) throw new Error("a level is a number from 0 to 5");
  return Number(text);
}

/** Addresses and CIDRs of either family between commas: as typed, without spaces. */
export function parseSourceAddresses(text: string): string {
  const parts = text.split(",").map((part) => part.trim());
  for (const part of parts) {
    const [address, length, ...more] = part.split("/") as [string, string?, ...string[]];
    const family = isIP(address);
    if (family === 0 || more.length > 0) throw new Error(`"${part}" is no IPv4 or IPv6 address and no CIDR`);
    if (length !== undefined && !(/^\d{1,3}$/.test(length) && Number(length) <= (family === 4 ? 32 : 128))) {
      throw new Error(`the prefix length "${length}" is not a number from 0 to ${family === 4 ? 32 : 128}`);
    }
  }
  return parts.join(",");
}

/** What the kernel takes for an interface's name: `dev_valid_name` in net/core/dev.c. */
export function parseInterfaceName(text: string): string {
  if (!/^[^\s/:]{1,15}$/.test(text) || text === "." || text === "..") {
    throw new Error("an interface's name has 1 to 15 characters, none of them a space, a slash or a colon");
  }
  return text;
}

/** The address of one Ethernet interface; colons or dashes, either case. */
export function parseMac(text: string): string {
  if (!/^[\da-f]{2}([:-])[\da-f]{2}(\1[\da-f]{2}){4}$/i.test(text)) {
    throw new Error("a MAC address is six pairs of hexadecimal digits, as 02:00:5e:10:00:01");
  }
  const mac = text.toLowerCase().replaceAll("-", ":");
  // IEEE 802, the group bit: the first to be sent of the first octet.
  if (parseInt(mac.slice(0, 2), 16) & 1) {
    throw new Error("it is a group's address, and a gateway is one machine");
  }
  if (mac === "00:00:00:00:00:00") throw new Error("it is nobody's address");
  return mac;
}

const SPAN_UNITS_MS: Readonly<Record<string, number>> = { h: 3_600_000, d: 86_400_000, w: 7 * 86_400_000 };

/** `12h`, `30d`, `8w` in milliseconds. */
export function parseSpan(text: string): number {
  const match = /^(\d{1,5})([hdw])$/.exec(text);
  if (!match) throw new Error("a span is a number of hours, days or weeks, as 12h, 30d or 8w");
  return Number(match[1]) * SPAN_UNITS_MS[match[2]!]!;
}

/** `2026-12-31` (its first moment), `2026-12-31T18:00:00Z`, UTC unless it says otherwise: milliseconds since 1970. */
export function parseTime(text: string): number {
  const match = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d)?)(Z|[+-]\d\d:\d\d)?)?$/.exec(text);
  const [, date, time = "00:00", zone = "Z"] = match ?? [];
  const milliseconds = Date.parse(`${date}T${time}${zone}`);
  // Some days, such as 2026-02-31, are read as days of the next month.
  if (Number.isNaN(milliseconds) || new Date(`${date}T00:00Z`).toISOString().slice(0, 10) !== date) {
    throw new Error("no date as 2026-12-31, nor with a time as 2026-12-31T18:00:00Z");
  }
  return milliseconds;
}

/** Passes `value` on unless it is too great. */
export function atMost(value: number, maximum: number): number {
  if (value > maximum) throw new Error(`above ${formatCount(maximum)}`);
  return value;
}
