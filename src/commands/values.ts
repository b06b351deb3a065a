/**
 * Values of single options. Each throws an `Error` with the reason alone, as `setting` wants it.
 *
 * @module
 */

import { isIP } from "node:net";
import type { ScanOptions, TargetLimit } from "../scan/options.ts";
import { formatCount, parseCount } from "./units.ts";

/** The values of `--transport`. */
export const TRANSPORTS: readonly ScanOptions["transport"][] = ["auto", "wire", "kernel"];

/** The name of a file or folder. */
export function parsePath(text: string): string {
  if (text === "") throw new Error("the name is empty");
  return text;
}

/** `auto`, `wire` or `kernel`. */
export function parseTransport(text: string): ScanOptions["transport"] {
  const transport = TRANSPORTS.find((name) => name === text);
  if (!transport) throw new Error("it is auto, wire or kernel");
  return transport;
}

/** A count (`1000`, `10K`) or a share (`0.1%`). */
export function parseTargetLimit(text: string): TargetLimit {
  if (!text.endsWith("%")) return { count: parseCount(text) };
  const percent = /^\d+(\.\d+)?%$/.test(text) ? Number(text.slice(0, -1)) : 0;
  if (percent <= 0 || percent > 100) throw new Error("a share lies above 0% and up to 100%");
  return { share: percent / 100 };
}

/** `0` to `5`. */
export function parseVerbosity(text: string): number {
  if (!/^[0-5]$/.test(text)) throw new Error("a level is a number from 0 to 5");
  return Number(text);
}

/** An IPv4 or IPv6 address. */
export function parseAddress(text: string): string {
  if (isIP(text) === 0) throw new Error("not an IPv4 or IPv6 address");
  return text;
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

/** Passes `value` on unless it is too great. */
export function atMost(value: number, maximum: number): number {
  if (value > maximum) throw new Error(`above ${formatCount(maximum)}`);
  return value;
}
