/**
 * What every room needs to put octets and strangers' words into text, and to write it.
 *
 * @module
 */

export { formatCount, plural } from "./count.ts";
export { fileStateOf } from "./file_state.ts";
export { formatIpv6Groups } from "./ipv6_groups.ts";
export { base64, hexadecimal } from "./octets.ts";
export { printable } from "./printable.ts";
export { reasonOf } from "./reason.ts";
export { snakeCase } from "./snake_case.ts";
export { type OctetStream, writeOctets, writeOctetsSync } from "./write_octets.ts";
