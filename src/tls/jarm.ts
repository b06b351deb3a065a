/**
 * JARM: a fingerprint of a server by its answers to ten hellos that no client sends (Salesforce, 2020,
 * version 1). It says which software and settings answer, not who runs them.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { ExtensionType, NamedGroup, Version } from "./constants.ts";
import { freshRandom } from "./fresh_random.ts";
import { assembleHello, type HelloExtension } from "./hello_shape.ts";
import { uint16, uint16List, vector16 } from "./octets.ts";
import type { ServerHello } from "./server_hello.ts";
import { ServerHelloProbe } from "./server_hello_probe.ts";

/** What the fingerprint of a server that answered nothing is. */
export const JARM_NONE = "0".repeat(62);

/** The suites in the order called forward; draft code points of ChaCha20 are among them. */
const SUITES: readonly number[] = [
  ...[0x0016, 0x0033, 0x0067, 0xc09e, 0xc0a2, 0x009e, 0x0039, 0x006b, 0xc09f, 0xc0a3, 0x009f, 0x0045],
  ...[0x00be, 0x0088, 0x00c4, 0x009a, 0xc008, 0xc009, 0xc023, 0xc0ac, 0xc0ae, 0xc02b, 0xc00a, 0xc024],
  ...[0xc0ad, 0xc0af, 0xc02c, 0xc072, 0xc073, 0xcca9, 0x1302, 0x1301, 0xcc14, 0xc007, 0xc012, 0xc013],
  ...[0xc027, 0xc02f, 0xc014, 0xc028, 0xc030, 0xc060, 0xc061, 0xc076, 0xc077, 0xcca8, 0x1305, 0x1304],
  ...[0x1303, 0xcc13, 0xc011, 0x000a, 0x002f, 0x003c, 0xc09c, 0xc0a0, 0x009c, 0x0035, 0x003d, 0xc09d],
  ...[0xc0a1, 0x009d, 0x0041, 0x00ba, 0x0084, 0x00c0, 0x0007, 0x0004, 0x0005],
];

const isOfTls13 = (suite: number): boolean => suite >> 8 === 0x13;

const SUITES_BEFORE_TLS13 = SUITES.filter((suite) => !isOfTls13(suite));

/** The number a fingerprint has for a suite counts from 1 in this order. */
const NUMBERED_SUITES = [
  ...SUITES_BEFORE_TLS13.toSorted((one, other) => one - other),
  ...SUITES.filter(isOfTls13).toSorted((one, other) => one - other),
];

/** Letters for the minor version, 0 to 5. */
const VERSION_LETTERS = "abcdef";

const PROTOCOLS = [
  ...["http/0.9", "http/1.0", "http/1.1", "spdy/1", "spdy/2", "spdy/3", "h2", "h2c", "hq"],
];
const RARE_PROTOCOLS = PROTOCOLS.filter((protocol) => protocol !== "h2" && protocol !== "http/1.1");

const VERSIONS_TO_TLS12 = [Version.TLS_1_0, Version.TLS_1_1, Version.TLS_1_2];
const VERSIONS_TO_TLS13 = [...VERSIONS_TO_TLS12, Version.TLS_1_3];

/** Extensions that no other hello of ours has (RFC 6066, 4; RFC 5077, 3.2; RFC 8446, 4.2.9). */
const MAX_FRAGMENT_LENGTH = 1;
const SESSION_TICKET = 35;
const PSK_KEY_EXCHANGE_MODES = 45;

type Order = "forward" | "reverse" | "top half" | "bottom half" | "middle out";

interface ProbeShape {
  readonly recordVersion: number;
  readonly version: number;
  readonly suites: readonly number[];
  readonly suiteOrder: Order;
  /** Reserved values that a server must overlook (RFC 8701) stand first in four places. */
  readonly hasGrease?: true;
  readonly protocols: readonly string[];
  /** Those in supported_versions; without them the hello has no such extension. */
  readonly versions?: readonly number[];
  /** Of protocols and versions. */
  readonly valueOrder: Order;
}

const TLS12 = {
  recordVersion: Version.TLS_1_2,
  version: Version.TLS_1_2,
  suites: SUITES,
  suiteOrder: "forward",
  protocols: PROTOCOLS,
  valueOrder: "forward",
} as const satisfies ProbeShape;
const TLS11 = { ...TLS12, recordVersion: Version.TLS_1_1, version: Version.TLS_1_1 } as const;
const TLS13 = { ...TLS12, recordVersion: Version.TLS_1_0, versions: VERSIONS_TO_TLS13 } as const;

const PROBE_SHAPES: readonly ProbeShape[] = [
  { ...TLS12, versions: VERSIONS_TO_TLS12, valueOrder: "reverse" },
  { ...TLS12, suiteOrder: "reverse", versions: VERSIONS_TO_TLS12 },
  { ...TLS12, suiteOrder: "top half" },
  { ...TLS12, suiteOrder: "bottom half", protocols: RARE_PROTOCOLS },
  {
    ...TLS12,
    suiteOrder: "middle out",
    hasGrease: true,
    protocols: RARE_PROTOCOLS,
    valueOrder: "reverse",
  },
  TLS11,
  { ...TLS13, valueOrder: "reverse" },
  { ...TLS13, suiteOrder: "reverse" },
  { ...TLS13, suites: SUITES_BEFORE_TLS13 },
  { ...TLS13, suiteOrder: "middle out", hasGrease: true, valueOrder: "reverse" },
];

/**
 * The ten hellos, to be sent in this order, each over a connection of its own. `host` is the server name to
 * ask for or, as scanners by address have it, the address in text: a fingerprint without either compares with
 * none. `makeRandom` gives 32 octets at each call.
 */
export function jarmProbes(
  host: string,
  makeRandom: () => Uint8Array = freshRandom,
): ServerHelloProbe[] {
  return PROBE_SHAPES.map((shape) => new ServerHelloProbe(assembleProbe(shape, host, makeRandom)));
}

/**
 * The fingerprint, 62 characters: for each answer the number of its suite and a letter for its version, then
 * half a SHA-256 over protocols and extensions of them all. `probes` are those of {@linkcode jarmProbes} in
 * their order; a scan that a server let time out at one of them is over, and {@linkcode JARM_NONE} is its
 * fingerprint.
 *
 * Where the published program misreads an answer (a ServerHello without extensions before certain messages),
 * this one reads it right.
 */
export function jarmHash(probes: readonly Pick<ServerHelloProbe, "serverHello" | "alert">[]): string {
  const answers = probes.map(readAnswer);
  if (answers.every((answer) => answer === undefined)) return JARM_NONE;
  const choices = answers.map((answer) => answer?.choice ?? "000").join("");
  const text = answers.map((answer) => answer?.text ?? "").join("");
  return choices + createHash("sha256").update(text).digest("hex").slice(0, 32);
}

interface Answer {
  /** Two digits for the suite, one letter for the version. */
  readonly choice: string;
  readonly text: string;
}

function readAnswer(
  { serverHello, alert }: Pick<ServerHelloProbe, "serverHello" | "alert">,
): Answer | undefined {
  // Only what comes first counts, also where it is a mere warning.
  if (serverHello === undefined || alert !== undefined) return undefined;
  const { legacyVersion, cipherSuite, extensions } = serverHello;
  const protocol = chosenProtocol(serverHello);
  if (protocol === undefined) return undefined;
  const index = NUMBERED_SUITES.indexOf(cipherSuite);
  const number = (index < 0 ? NUMBERED_SUITES.length : index) + 1;
  const letter = VERSION_LETTERS[legacyVersion & 0xf] ?? "0";
  const types = extensions.map(({ type }) => type.toString(16).padStart(4, "0")).join("-");
  return { choice: number.toString(16).padStart(2, "0") + letter, text: protocol + types };
}

/** Empty without ALPN; undefined where the extension is no text, on which the published program gives up. */
function chosenProtocol({ extensions }: ServerHello): string | undefined {
  const extension = extensions.find(({ type }) =>
    type === ExtensionType.APPLICATION_LAYER_PROTOCOL_NEGOTIATION
  );
  if (extension === undefined) return "";
  if (extension.data.length === 0) return undefined;
  try {
    // Behind the lengths of the list and of its first entry.
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(extension.data.subarray(3));
  } catch {
    return undefined;
  }
}

function assembleProbe(shape: ProbeShape, host: string, makeRandom: () => Uint8Array): Uint8Array {
  const { recordVersion, version, suites, suiteOrder, hasGrease } = shape;
  const grease = () => hasGrease ? [greaseValue(makeRandom)] : [];
  return assembleHello({
    recordVersion,
    version,
    random: makeRandom(),
    sessionId: makeRandom(),
    cipherSuites: [...grease(), ...rearrange(suites, suiteOrder)],
    extensions: probeExtensions(shape, host, grease, makeRandom()),
  });
}

function probeExtensions(
  { protocols, versions, valueOrder }: ProbeShape,
  host: string,
  grease: () => number[],
  publicKey: Uint8Array,
): HelloExtension[] {
  const protocolNames = rearrange(protocols, valueOrder).flatMap((
    protocol,
  ) => [protocol.length, ...ascii(protocol)]);
  const { SECP256R1, SECP384R1, SECP521R1, X25519 } = NamedGroup;
  const signatureAlgorithms = [0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601, 0x0201];
  const extensions: HelloExtension[] = [
    ...grease().map((type) => ({ type, data: [] })),
    { type: ExtensionType.SERVER_NAME, data: vector16([0, ...vector16(ascii(host))]) },
    { type: ExtensionType.EXTENDED_MASTER_SECRET, data: [] },
    // 512 octets a record.
    { type: MAX_FRAGMENT_LENGTH, data: [1] },
    { type: ExtensionType.RENEGOTIATION_INFO, data: [0] },
    { type: ExtensionType.SUPPORTED_GROUPS, data: uint16List([X25519, SECP256R1, SECP384R1, SECP521R1]) },
    { type: ExtensionType.EC_POINT_FORMATS, data: [1, 0] },
    { type: SESSION_TICKET, data: [] },
    { type: ExtensionType.APPLICATION_LAYER_PROTOCOL_NEGOTIATION, data: vector16(protocolNames) },
    { type: ExtensionType.SIGNATURE_ALGORITHMS, data: uint16List(signatureAlgorithms) },
    {
      type: ExtensionType.KEY_SHARE,
      data: vector16([
        ...grease().flatMap((group) => [...uint16(group), ...vector16([0])]),
        // Any 32 octets are a public key (RFC 7748, 5); the private one is never needed.
        ...[...uint16(X25519), ...vector16(publicKey)],
      ]),
    },
    { type: PSK_KEY_EXCHANGE_MODES, data: [1, 1] },
  ];
  if (versions === undefined) return extensions;
  const offered = [...grease(), ...rearrange(versions, valueOrder)].flatMap(uint16);
  return [...extensions, { type: ExtensionType.SUPPORTED_VERSIONS, data: [offered.length, ...offered] }];
}

/** 0x0a0a, 0x1a1a, ... 0xfafa (RFC 8701, 2). */
function greaseValue(makeRandom: () => Uint8Array): number {
  return (makeRandom()[0]! & 0xf0 | 0x0a) * 0x0101;
}

function rearrange<T>(values: readonly T[], order: Order): readonly T[] {
  const middle = values.length >> 1;
  const isOdd = values.length % 2 === 1;
  switch (order) {
    case "forward":
      return values;
    case "reverse":
      return values.toReversed();
    // The middle one belongs to the top half.
    case "bottom half":
      return values.slice(isOdd ? middle + 1 : middle);
    case "top half":
      return values.slice(0, isOdd ? middle + 1 : middle).toReversed();
    case "middle out": {
      const above = values.slice(isOdd ? middle + 1 : middle);
      const below = values.slice(0, middle).toReversed();
      const pairs = above.flatMap((value, index) => [value, below[index]!]);
      return isOdd ? [values[middle]!, ...pairs] : pairs;
    }
  }
}

function ascii(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
