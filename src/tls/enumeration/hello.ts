/**
 * ClientHellos that ask a server for one version and certain suites or groups of it.
 *
 * @module
 */

import { ExtensionType, NamedGroup, Version } from "../constants.ts";
import { assemblePaddedHello, type HelloExtension } from "../hello_shape.ts";
import { uint16, uint16List, vector16 } from "../octets.ts";
import { assembleOldHello } from "../old_hello.ts";
import { serverNameExtension } from "../server_name.ts";

/** Every group that TLS 1.3 has (IANA TLS Supported Groups), those in use first. */
export const TLS13_GROUPS: readonly number[] = [
  ...[NamedGroup.X25519, NamedGroup.SECP256R1, NamedGroup.SECP384R1, NamedGroup.SECP521R1, NamedGroup.X448],
  // X25519MLKEM768, SecP256r1MLKEM768, SecP384r1MLKEM1024, the draft X25519Kyber768, MLKEM512, 768 and 1024.
  ...[NamedGroup.X25519MLKEM768, 0x11eb, 0x11ed, 0x6399, 0x0200, 0x0201, 0x0202],
  // ffdhe2048, 3072, 4096, 6144 and 8192.
  ...[0x0100, 0x0101, 0x0102, 0x0103, 0x0104],
  // brainpoolP256r1tls13, P384r1 and P512r1, curveSM2, GC256A to GC512C.
  ...[31, 32, 33, 41, 34, 35, 36, 37, 38, 39, 40],
];

/** And those that only TLS 1.2 has: Brainpool, secp224r1 and secp256k1 (RFC 7027; RFC 8422, 5.1.1). */
const TLS12_GROUPS = [...TLS13_GROUPS, 26, 27, 28, 21, 22];

/** All that a server may want to sign with (IANA TLS SignatureScheme), the strong ones first. */
const SIGNATURE_ALGORITHMS = [
  ...[0x0403, 0x0503, 0x0603, 0x0807, 0x0808, 0x0804, 0x0805, 0x0806, 0x0809, 0x080a, 0x080b],
  ...[0x0401, 0x0501, 0x0601, 0x0402, 0x0502, 0x0602, 0x0303, 0x0301, 0x0302, 0x0203, 0x0201, 0x0202, 0x0101],
  // ML-DSA, Brainpool, SM2, GOST.
  ...[0x0904, 0x0905, 0x0906, 0x081a, 0x081b, 0x081c, 0x0708],
  ...[0x0709, 0x070a, 0x070b, 0x070c, 0x070d, 0x070e, 0x070f],
];

export interface EnumerationHello {
  /**
   * The one version to ask for, SSL 3.0 to TLS 1.3. A server may answer the older ones with older ones yet.
   */
  readonly version: number;
  readonly cipherSuites: readonly number[];
  /** 32 octets, fresh. */
  readonly random: Uint8Array;
  readonly serverName: string | undefined;
  /**
   * TLS 1.3: the groups to choose from, none of which a share is sent of. All, with a share, unless given.
   */
  readonly groups?: readonly number[] | undefined;
}

/**
 * The hello as one record.
 *
 * @throws {RangeError} when the server name cannot stand in one.
 */
export function enumerationHello(
  { version, random, cipherSuites, serverName, groups }: EnumerationHello,
): Uint8Array {
  if (version < Version.TLS_1_2) return assembleOldHello(version, random, cipherSuites, serverName);
  const name = serverName === undefined ? [] : [serverNameExtension(serverName)];
  const shape = { recordVersion: Version.TLS_1_0, version: Version.TLS_1_2, random, cipherSuites };
  return version === Version.TLS_1_2
    ? assemblePaddedHello({ ...shape, extensions: [...name, ...TLS12_EXTENSIONS] })
    // Middleboxes let pass what looks like a resumption (RFC 8446, D.4).
    : assemblePaddedHello({
      ...shape,
      sessionId: random,
      extensions: [...name, ...tls13Extensions(random, groups)],
    });
}

const SIGNATURE_ALGORITHMS_EXTENSION: HelloExtension = {
  type: ExtensionType.SIGNATURE_ALGORITHMS,
  data: uint16List(SIGNATURE_ALGORITHMS),
};

const TLS12_EXTENSIONS: readonly HelloExtension[] = [
  { type: ExtensionType.EXTENDED_MASTER_SECRET, data: [] },
  { type: ExtensionType.SUPPORTED_GROUPS, data: uint16List(TLS12_GROUPS) },
  { type: ExtensionType.EC_POINT_FORMATS, data: [1, 0] },
  SIGNATURE_ALGORITHMS_EXTENSION,
  { type: ExtensionType.RENEGOTIATION_INFO, data: [0] },
];

function tls13Extensions(random: Uint8Array, groups: readonly number[] | undefined): HelloExtension[] {
  // Any 32 octets are a public key (RFC 7748, 5); nothing that comes under its key is read.
  const share = [...uint16(NamedGroup.X25519), ...vector16(random)];
  return [
    { type: ExtensionType.SUPPORTED_GROUPS, data: uint16List(groups ?? TLS13_GROUPS) },
    SIGNATURE_ALGORITHMS_EXTENSION,
    { type: ExtensionType.SUPPORTED_VERSIONS, data: [2, ...uint16(Version.TLS_1_3)] },
    // An empty list asks the server to name the group it wants (RFC 8446, 4.2.8).
    { type: ExtensionType.KEY_SHARE, data: vector16(groups === undefined ? share : []) },
  ];
}
