/**
 * ClientHellos for servers that know nothing newer than TLS 1.1 (RFC 4346, 2246; SSL 3.0: RFC 6101), and for
 * finding out which of them a server still takes.
 *
 * @module
 */

import { OLD_CERTIFICATE_SUITES } from "./cipher_suite_lists.ts";
import { CipherSuite } from "./cipher_suite_registry.ts";
import { ExtensionType, NamedGroup, Version } from "./constants.ts";
import type { Hello } from "./hello.ts";
import { assembleHello, assemblePaddedHello, type HelloExtension } from "./hello_shape.ts";
import { uint16List } from "./octets.ts";
import { serverNameExtension } from "./server_name.ts";

/** The hellos for one old version, by the names that records give them. */
export type OldHelloKind = "tls11" | "tls10" | "ssl3";

const VERSION_OF_KIND: Readonly<Record<OldHelloKind, number>> = {
  tls11: Version.TLS_1_1,
  tls10: Version.TLS_1_0,
  ssl3: Version.SSL_3_0,
};

/** Curves of RFC 4492, 5.1.1 that servers of the time had, beside those in use: the strong ones first. */
const OLD_GROUPS = [
  ...[NamedGroup.SECP256R1, NamedGroup.SECP384R1, NamedGroup.SECP521R1, NamedGroup.X25519],
  // secp256k1, sect571k1, sect571r1, sect409k1, sect409r1, sect283k1, sect283r1.
  ...[22, 14, 13, 11, 12, 9, 10],
  // secp224r1, secp224k1, secp192r1, secp192k1, secp160r1, secp160k1.
  ...[21, 20, 19, 18, 16, 15],
];

/**
 * A hello that asks for a certificate in an old version, with every suite by which a server shows one: weak
 * ones cost nothing where no handshake is finished. SSL 3.0 has no extensions, so there `serverName` is not
 * sent.
 *
 * @throws {RangeError} when `random` is not of 32 octets, or {@linkcode isServerName} refuses `serverName`.
 */
export function oldHello(kind: OldHelloKind, random: Uint8Array, serverName?: string): Hello {
  const version = VERSION_OF_KIND[kind];
  const firstBytes = assembleOldHello(version, random, OLD_CERTIFICATE_SUITES, serverName);
  // A server that has nothing as new answers with what it has.
  return { firstBytes, versionMin: Version.SSL_3_0, versionMax: version };
}

/**
 * A hello for `version`, which must be SSL 3.0, TLS 1.0 or TLS 1.1, with these suites.
 *
 * @throws {RangeError} as {@linkcode oldHello} does.
 */
export function assembleOldHello(
  version: number,
  random: Uint8Array,
  cipherSuites: readonly number[],
  serverName?: string,
): Uint8Array {
  if (version === Version.SSL_3_0) {
    // Says what the extension renegotiation_info would (RFC 5746, 3.4).
    const signalled = [...cipherSuites, CipherSuite.TLS_EMPTY_RENEGOTIATION_INFO_SCSV];
    return assembleHello({ recordVersion: version, version, random, cipherSuites: signalled });
  }
  const extensions: HelloExtension[] = [
    ...(serverName === undefined ? [] : [serverNameExtension(serverName)]),
    { type: ExtensionType.SUPPORTED_GROUPS, data: uint16List(OLD_GROUPS) },
    { type: ExtensionType.EC_POINT_FORMATS, data: [1, 0] },
    { type: ExtensionType.RENEGOTIATION_INFO, data: [0] },
  ];
  return assemblePaddedHello({ recordVersion: Version.TLS_1_0, version, random, cipherSuites, extensions });
}
