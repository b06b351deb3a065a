/**
 * Names of protocol versions, groups and alerts, as people and logs write them.
 *
 * @module
 */

import { AlertLevel, NamedGroup, Version } from "./constants.ts";
import { hexadecimal } from "./hexadecimal.ts";

const VERSION_NAMES: ReadonlyMap<number, string> = new Map<number, string>([
  [Version.SSL_2_0, "SSL 2.0"],
  [Version.SSL_3_0, "SSL 3.0"],
  [Version.TLS_1_0, "TLS 1.0"],
  [Version.TLS_1_1, "TLS 1.1"],
  [Version.TLS_1_2, "TLS 1.2"],
  [Version.TLS_1_3, "TLS 1.3"],
]);

/** IANA TLS Supported Groups registry, those that servers are offered. */
const GROUP_NAMES: ReadonlyMap<number, string> = new Map<number, string>([
  [NamedGroup.SECP256R1, "secp256r1"],
  [NamedGroup.SECP384R1, "secp384r1"],
  [NamedGroup.SECP521R1, "secp521r1"],
  [NamedGroup.X25519, "x25519"],
  [NamedGroup.X448, "x448"],
  [NamedGroup.X25519MLKEM768, "X25519MLKEM768"],
]);

/** IANA TLS Alerts registry (RFC 5246, 7.2; RFC 8446, 6; RFC 6066, 9; RFC 7507, 4; RFC 7301, 3.2). */
const ALERT_NAMES: ReadonlyMap<number, string> = new Map([
  [0, "close_notify"],
  [10, "unexpected_message"],
  [20, "bad_record_mac"],
  [21, "decryption_failed"],
  [22, "record_overflow"],
  [30, "decompression_failure"],
  [40, "handshake_failure"],
  [41, "no_certificate"],
  [42, "bad_certificate"],
  [43, "unsupported_certificate"],
  [44, "certificate_revoked"],
  [45, "certificate_expired"],
  [46, "certificate_unknown"],
  [47, "illegal_parameter"],
  [48, "unknown_ca"],
  [49, "access_denied"],
  [50, "decode_error"],
  [51, "decrypt_error"],
  [60, "export_restriction"],
  [70, "protocol_version"],
  [71, "insufficient_security"],
  [80, "internal_error"],
  [86, "inappropriate_fallback"],
  [90, "user_canceled"],
  [100, "no_renegotiation"],
  [109, "missing_extension"],
  [110, "unsupported_extension"],
  [111, "certificate_unobtainable"],
  [112, "unrecognized_name"],
  [113, "bad_certificate_status_response"],
  [114, "bad_certificate_hash_value"],
  [115, "unknown_psk_identity"],
  [116, "certificate_required"],
  [120, "no_application_protocol"],
  [121, "ech_required"],
]);

/** `TLS 1.2` for 0x0303; `0x1a2b` for a version that has no name. */
export function versionName(version: number): string {
  return VERSION_NAMES.get(version) ?? hexadecimal(version, 4);
}

/** `x25519` for 29; `0x1a2b` for a group that was never offered. */
export function groupName(group: number): string {
  return GROUP_NAMES.get(group) ?? hexadecimal(group, 4);
}

/** `protocol_version` for 70; `0x1a` for a description that has no name. */
export function alertName(description: number): string {
  return ALERT_NAMES.get(description) ?? hexadecimal(description, 2);
}

/** `warning` for 1, `fatal` for 2; `0x1a` for a level that has no name. */
export function alertLevelName(level: number): string {
  if (level === AlertLevel.WARNING) return "warning";
  if (level === AlertLevel.FATAL) return "fatal";
  return hexadecimal(level, 2);
}
