/**
 * Captures in the JSON of ZGrab2 (github.com/zmap/zgrab2), so that what reads its output reads margay's unchanged.
 *
 * @module
 */

export { type ZgrabCertificate, ZgrabFormat, type ZgrabInput } from "./format.ts";
export type { ZgrabHttp } from "./http.ts";
export type { ZgrabStatus } from "./status.ts";
