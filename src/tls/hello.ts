/**
 * The ClientHellos of a capture (RFC 5246, 7.4.1.2; RFC 8446, 4.1.2). None offers compress_certificate or a
 * ticket, so that the chain comes whole.
 *
 * A hello is laid out once for each kind; each call copies it and patches the random and, with a server name,
 * the lengths.
 *
 * @module
 */

import { OFFERED_CIPHER_SUITES } from "./cipher_suites.ts";
import {
  ExtensionType,
  HANDSHAKE_HEADER_BYTES,
  NamedGroup,
  RANDOM_BYTES,
  RECORD_HEADER_BYTES,
  SESSION_ID_BYTES_MAX,
  Tls13Suite,
  Version,
} from "./constants.ts";
import { assembleHello, extensionOctets, type HelloExtension, paddingExtension } from "./hello_shape.ts";
import { type KeyShare, keyShare } from "./key_share.ts";
import { takeOctets } from "./octet_pool.ts";
import { uint16, uint16List, vector16 } from "./octets.ts";
import { serverNameExtension } from "./server_name.ts";

/** A ClientHello, and what it takes to read the answer. */
export interface Hello {
  /** One handshake record. */
  readonly firstBytes: Uint8Array;
  /** The lowest version that the server may choose. */
  readonly versionMin: number;
  /** The highest version that the server may choose. */
  readonly versionMax: number;
  /** There when the server may choose TLS 1.3. */
  readonly tls13?: Tls13Offer;
}

/** What a hello says to servers of TLS 1.3 alone. */
export interface Tls13Offer {
  /** NamedGroups the server may ask for. */
  readonly groups: readonly number[];
  /** The keys whose shares the hello carries, by group. */
  readonly shares: ReadonlyMap<number, KeyShare>;
  /**
   * The hello that follows a HelloRetryRequest (RFC 8446, 4.1.2): with a share of `group` alone, if the server
   * asked for one, and its cookie. Left out where it is all that one wants to know which group is asked for.
   */
  retry?(group: number | undefined, cookie: Uint8Array | undefined): Hello;
}

/** The hellos that start a TLS capture, by the names that records give them. */
export type CaptureHelloKind = "tls12" | "modern" | "tls13" | "pq" | "pq_probe";

/** What tells one hello of a kind from another. */
export interface HelloOptions {
  /** 32 octets, fresh: all that tells two hellos to one host apart. */
  readonly random: Uint8Array;
  /** Sent as server_name (RFC 6066, 3). */
  readonly serverName?: string | undefined;
  /** Whether to offer HTTP/2 and HTTP/1.1 (RFC 7301). */
  readonly alpn?: boolean | undefined;
}

/** Groups for TLS 1.2, most used first (RFC 8422, 5.1.1): no key of ours is needed, so all that there are. */
const TLS12_GROUPS = [
  NamedGroup.X25519,
  NamedGroup.SECP256R1,
  NamedGroup.SECP384R1,
  NamedGroup.SECP521R1,
  NamedGroup.X448,
];

/** Groups that a hello for TLS 1.3 lists: a server may ask for a share of each. */
const TLS13_GROUPS = [NamedGroup.X25519, NamedGroup.SECP256R1, NamedGroup.SECP384R1];

/**
 * ECDSA, EdDSA, RSA-PSS, RSA, DSA, and SHA-1 at the end for servers that have nothing else
 * (RFC 5246, 7.4.1.4.1; RFC 8446, 4.2.3).
 */
const SIGNATURE_ALGORITHMS = [
  ...[0x0403, 0x0503, 0x0603, 0x0807, 0x0808],
  ...[0x0804, 0x0805, 0x0806, 0x0809, 0x080a, 0x080b],
  ...[0x0401, 0x0501, 0x0601, 0x0402, 0x0203, 0x0201, 0x0202],
];

/** What only TLS 1.3 has: ML-DSA (draft-ietf-tls-mldsa) and ECDSA on Brainpool curves (RFC 8734, 3). */
const TLS13_SIGNATURE_ALGORITHMS = [0x0904, 0x0905, 0x0906, 0x081a, 0x081b, 0x081c];

const ALPN_PROTOCOLS = ["h2", "http/1.1"];

const RANDOM_OFFSET = RECORD_HEADER_BYTES + HANDSHAKE_HEADER_BYTES + 2;
const SESSION_ID_OFFSET = RANDOM_OFFSET + RANDOM_BYTES + 1;

/** How the hellos of one kind are made. */
interface Design {
  readonly versionMin: number;
  readonly versionMax: number;
  readonly cipherSuites: readonly number[];
  readonly groups: readonly number[];
  readonly shareGroups: readonly number[];
  /** Whether a HelloRetryRequest is followed. */
  readonly retries: boolean;
}

const MODERN: Design = {
  versionMin: Version.SSL_3_0,
  versionMax: Version.TLS_1_3,
  cipherSuites: [...Object.values(Tls13Suite), ...OFFERED_CIPHER_SUITES.keys()],
  groups: TLS13_GROUPS,
  shareGroups: [NamedGroup.X25519],
  retries: true,
};

const TLS13: Design = {
  ...MODERN,
  versionMin: Version.TLS_1_3,
  cipherSuites: Object.values(Tls13Suite),
};

const DESIGNS: Readonly<Record<CaptureHelloKind, Design>> = {
  tls12: {
    versionMin: Version.SSL_3_0,
    versionMax: Version.TLS_1_2,
    cipherSuites: [...OFFERED_CIPHER_SUITES.keys()],
    groups: TLS12_GROUPS,
    shareGroups: [],
    retries: false,
  },
  modern: MODERN,
  tls13: TLS13,
  pq: {
    ...MODERN,
    groups: [NamedGroup.X25519MLKEM768, ...TLS13_GROUPS],
    shareGroups: [NamedGroup.X25519MLKEM768, NamedGroup.X25519],
  },
  pq_probe: { ...TLS13, groups: [NamedGroup.X25519MLKEM768], shareGroups: [], retries: false },
};

/** A hello for which random and server name are still to come. */
interface Template {
  /** Not padded yet. */
  readonly octets: Uint8Array;
  /** The whole hello to a server without a name, made when it is first needed. */
  nameless?: Uint8Array;
  /** Where the length of the extension block stands. */
  readonly blockOffset: number;
  /** The keys whose shares it carries. */
  readonly shares: ReadonlyMap<number, KeyShare>;
}

const TEMPLATES = new Map<string, Template>();

/**
 * The first hello to a server.
 *
 * @throws {RangeError} when `random` is not of 32 octets, or {@linkcode isServerName} refuses `serverName`.
 */
export function makeHello(kind: CaptureHelloKind, options: HelloOptions): Hello {
  if (options.random.length !== RANDOM_BYTES) {
    throw new RangeError(
      `Cannot build a ClientHello from ${options.random.length} random octets: it takes 32`,
    );
  }
  const design = DESIGNS[kind];
  const alpn = options.alpn ?? false;
  const key = `${kind} ${alpn}`;
  let template = TEMPLATES.get(key);
  if (template === undefined) {
    template = layOut(design, alpn, design.shareGroups);
    TEMPLATES.set(key, template);
  }
  return fillIn(template, design, options);
}

function offersTls13({ versionMax }: Design): boolean {
  return versionMax === Version.TLS_1_3;
}

function layOut(
  design: Design,
  alpn: boolean,
  shareGroups: readonly number[],
  cookie?: Uint8Array,
): Template {
  const shares = new Map(shareGroups.map((group) => [group, keyShare(group)]));
  const extensions = extensionsOf(design, alpn, shares);
  if (cookie !== undefined) extensions.unshift({ type: ExtensionType.COOKIE, data: vector16(cookie) });
  const octets = assembleHello({
    // Servers of the TLS 1.0 age drop a first record that claims more than 0x0301 (RFC 5246, E.1).
    recordVersion: Version.TLS_1_0,
    version: Version.TLS_1_2,
    random: new Uint8Array(RANDOM_BYTES),
    // Middleboxes let pass what looks like a resumption (RFC 8446, D.4). Below TLS 1.3 an empty one says that there
    // is nothing to resume, so that the server sends its chain.
    ...(offersTls13(design) && { sessionId: new Uint8Array(SESSION_ID_BYTES_MAX) }),
    cipherSuites: design.cipherSuites,
    extensions,
  });
  const blockLength = extensions.flatMap(extensionOctets).length;
  return { octets, blockOffset: octets.length - blockLength - 2, shares };
}

function fillIn(template: Template, design: Design, options: HelloOptions): Hello {
  const { versionMin, versionMax, groups } = design;
  const firstBytes = completed(template, options.serverName);
  firstBytes.set(options.random, RANDOM_OFFSET);
  if (!offersTls13(design)) return { firstBytes, versionMin, versionMax };
  // As fresh as the random, and no secret either.
  firstBytes.set(options.random, SESSION_ID_OFFSET);
  const { shares } = template;
  if (!design.retries) return { firstBytes, versionMin, versionMax, tls13: { groups, shares } };
  // Rare, so laid out afresh. Apart from share, cookie and padding it is the first hello again (RFC 8446, 4.1.2).
  const retry = (group: number | undefined, cookie: Uint8Array | undefined) => {
    const shareGroups = group === undefined ? design.shareGroups : [group];
    return fillIn(layOut(design, options.alpn ?? false, shareGroups, cookie), design, options);
  };
  return { firstBytes, versionMin, versionMax, tls13: { groups, shares, retry } };
}

/** Server name and padding aside. The empty one is not last: some servers fail. */
function extensionsOf(
  design: Design,
  alpn: boolean,
  shares: ReadonlyMap<number, KeyShare>,
): HelloExtension[] {
  const { groups } = design;
  const hasTls13 = offersTls13(design);
  const hasTls12 = design.versionMin <= Version.TLS_1_2;
  const signatures = hasTls13
    ? [...SIGNATURE_ALGORITHMS, ...TLS13_SIGNATURE_ALGORITHMS]
    : SIGNATURE_ALGORITHMS;
  const extensions: HelloExtension[] = [];
  const add = (type: number, data: readonly number[]) => extensions.push({ type, data });
  if (hasTls12) add(ExtensionType.EXTENDED_MASTER_SECRET, []);
  add(ExtensionType.SUPPORTED_GROUPS, uint16List(groups));
  if (hasTls12) add(ExtensionType.EC_POINT_FORMATS, [1, 0]);
  add(ExtensionType.SIGNATURE_ALGORITHMS, uint16List(signatures));
  if (alpn) {
    add(ExtensionType.APPLICATION_LAYER_PROTOCOL_NEGOTIATION, vector16(ALPN_PROTOCOLS.flatMap(protocol)));
  }
  if (hasTls13) {
    add(ExtensionType.SUPPORTED_VERSIONS, versionsDownTo(design.versionMin));
    add(ExtensionType.KEY_SHARE, vector16([...shares].flatMap(keyShareEntry)));
  }
  if (hasTls12) add(ExtensionType.RENEGOTIATION_INFO, [0]);
  return extensions;
}

function protocol(name: string): number[] {
  return [name.length, ...new TextEncoder().encode(name)];
}

/** From TLS 1.3 down, SSL 3.0 aside: a server that has nothing else does not know the extension. */
function versionsDownTo(versionMin: number): number[] {
  const versions: number[] = [];
  for (let version = Version.TLS_1_3; version >= Math.max(versionMin, Version.TLS_1_0); version--) {
    versions.push(...uint16(version));
  }
  return [versions.length, ...versions];
}

function keyShareEntry([group, { publicShare }]: [number, KeyShare]): number[] {
  return [...uint16(group), ...vector16(publicShare)];
}

/** A copy of the template that is ready but for the random. */
function completed(template: Template, serverName: string | undefined): Uint8Array {
  if (serverName !== undefined) return assembled(template, extensionOctets(serverNameExtension(serverName)));
  template.nameless ??= assembled(template, []);
  const hello = takeOctets(template.nameless.length);
  hello.set(template.nameless);
  return hello;
}

/** The template with the name in front of its extensions, and padded where need be. */
function assembled({ octets, blockOffset }: Template, name: readonly number[]): Uint8Array {
  const unpadded = octets.length + name.length;
  const padding = paddingExtension(unpadded - RECORD_HEADER_BYTES);
  const padded = padding === undefined ? [] : extensionOctets(padding);
  const hello = takeOctets(unpadded + padded.length);
  const nameOffset = blockOffset + 2;
  hello.set(octets.subarray(0, nameOffset));
  hello.set(name, nameOffset);
  hello.set(octets.subarray(nameOffset), nameOffset + name.length);
  hello.set(padded, unpadded);
  const view = new DataView(hello.buffer, hello.byteOffset);
  view.setUint16(RECORD_HEADER_BYTES - 2, hello.length - RECORD_HEADER_BYTES);
  view.setUint16(RECORD_HEADER_BYTES + 2, hello.length - RECORD_HEADER_BYTES - HANDSHAKE_HEADER_BYTES);
  view.setUint16(blockOffset, hello.length - nameOffset);
  return hello;
}
