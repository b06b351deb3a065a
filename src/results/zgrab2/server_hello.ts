import { base64 } from "../../text/mod.ts";
import { cipherSuiteName, type ServerExtension, type ServerHello } from "../../tls/mod.ts";
import { nonEmpty } from "./json.ts";

/** IANA TLS ExtensionType Values. */
const Extension = {
  STATUS_REQUEST: 5,
  EC_POINT_FORMATS: 11,
  HEARTBEAT: 15,
  APPLICATION_LAYER_PROTOCOL_NEGOTIATION: 16,
  SIGNED_CERTIFICATE_TIMESTAMP: 18,
  EXTENDED_MASTER_SECRET: 23,
  SESSION_TICKET: 35,
  PRE_SHARED_KEY: 41,
  SUPPORTED_VERSIONS: 43,
  COOKIE: 44,
  KEY_SHARE: 51,
  RENEGOTIATION_INFO: 65_281,
} as const;

/** What zcrypto reads; it tells every other extension raw. */
const KNOWN: ReadonlySet<number> = new Set(Object.values(Extension));

const VERSION_NAMES: ReadonlyMap<number, string> = new Map([
  [0x0300, "SSLv3"],
  [0x0301, "TLSv1.0"],
  [0x0302, "TLSv1.1"],
  [0x0303, "TLSv1.2"],
  [0x0304, "TLSv1.3"],
]);

const COMPRESSION_NAMES: ReadonlyMap<number, string> = new Map([[0, "NULL"], [1, "DEFLATE"], [64, "LZS"]]);

/** The groups that TLS 1.3 may choose from (RFC 8446, 4.2.7; draft-ietf-tls-ecdhe-mlkem). */
const GROUP_NAMES: ReadonlyMap<number, string> = new Map([
  [23, "secp256r1"],
  [24, "secp384r1"],
  [25, "secp521r1"],
  [29, "x25519"],
  [30, "x448"],
  [256, "ffdhe2048"],
  [257, "ffdhe3072"],
  [258, "ffdhe4096"],
  [259, "ffdhe6144"],
  [260, "ffdhe8192"],
  [4_587, "secp256r1mlkem768"],
  [4_588, "x25519mlkem768"],
  [4_589, "secp384r1mlkem1024"],
]);

/** Where zcrypto's word for a suite isn't IANA's, and no rule leads from the one to the other. */
const SUITE_NAMES: ReadonlyMap<number, string> = new Map([
  [0x00ff, "TLS_RENEGO_PROTECTION_REQUEST"],
  [0xc0aa, "TLS_PSK_DHE_WITH_AES_128_CCM_8"],
  [0xc0ab, "TLS_PSK_DHE_WITH_AES_256_CCM_8"],
  [0xcc13, "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256_OLD"],
  [0xcc14, "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256_OLD"],
  [0xcc15, "TLS_DHE_RSA_WITH_CHACHA20_POLY1305_SHA256_OLD"],
  [0xff03, "SSL_EN_RC2_128_CBC_WITH_MD5"],
  [0xff80, "SSL_RSA_WITH_RC2_CBC_MD5"],
  [0xff81, "SSL_RSA_WITH_IDEA_CBC_MD5"],
  [0xff82, "SSL_RSA_WITH_DES_CBC_MD5"],
  [0xff83, "SSL_RSA_WITH_3DES_EDE_CBC_MD5"],
  [0xff85, "OP_PCL_TLS10_AES_128_CBC_SHA512"],
  [0xffe0, "SSL_RSA_FIPS_WITH_3DES_EDE_CBC_SHA"],
  [0xffe1, "SSL_RSA_FIPS_WITH_DES_CBC_SHA"],
]);

/**
 * A ServerHello as zcrypto's `tls.ServerHello`: the version of TLS 1.3 stands in `supported_versions`.
 *
 * @param alpn what the server chose; in TLS 1.3 that comes behind the ServerHello.
 */
export function serverHelloFields(hello: ServerHello, alpn: string | undefined): object {
  const { version, legacyVersion, random, sessionId, cipherSuite, compression } = hello;
  const { extensions, keyShareGroup } = hello;
  const has = (type: number) => extensions.some((extension) => extension.type === type);
  return {
    version: versionFields(legacyVersion),
    random: base64(random),
    session_id: base64(sessionId),
    cipher_suite: numberFields(cipherSuite, 2, suiteName(cipherSuite)),
    compression_method: numberFields(compression, 1, COMPRESSION_NAMES.get(compression)),
    ocsp_stapling: has(Extension.STATUS_REQUEST),
    ticket: has(Extension.SESSION_TICKET),
    secure_renegotiation: has(Extension.RENEGOTIATION_INFO),
    heartbeat: has(Extension.HEARTBEAT),
    extended_master_secret: has(Extension.EXTENDED_MASTER_SECRET),
    scts: nonEmpty(timestamps(extensions).map((raw) => ({ raw: base64(raw) }))),
    alpn_protocol: alpn || undefined,
    supported_versions: has(Extension.SUPPORTED_VERSIONS)
      ? { selected_version: versionFields(version) }
      : undefined,
    key_share: keyShareGroup === undefined
      ? undefined
      : numberFields(keyShareGroup, 2, GROUP_NAMES.get(keyShareGroup)),
    extension_identifiers: nonEmpty(extensions.map(({ type }) => type)),
    unknown_extensions: nonEmpty(
      extensions.filter(({ type }) => !KNOWN.has(type)).map((extension) => base64(wireForm(extension))),
    ),
  };
}

function versionFields(version: number): object {
  return { name: VERSION_NAMES.get(version) ?? "unknown", value: version };
}

function numberFields(value: number, octets: number, name = "unknown"): object {
  return { hex: `0x${value.toString(16).toUpperCase().padStart(octets * 2, "0")}`, name, value };
}

/** Type and length in two octets each, then the data. */
function wireForm({ type, data }: ServerExtension): Uint8Array {
  return Uint8Array.of(type >> 8, type & 0xff, data.length >> 8, data.length & 0xff, ...data);
}

function suiteName(suite: number): string {
  const name = SUITE_NAMES.get(suite) ?? cipherSuiteName(suite);
  if (name.startsWith("0x")) return "unknown";
  return name.replace(/^OLD_/, "").replace("_anon_", "_ANON_");
}

/** The list of the extension (RFC 6962, 3.3), as far as it is well formed: each timestamp behind its length. */
function timestamps(extensions: readonly ServerExtension[]): Uint8Array[] {
  const list = extensions.find(({ type }) => type === Extension.SIGNED_CERTIFICATE_TIMESTAMP)?.data;
  const found: Uint8Array[] = [];
  for (let offset = 2; list !== undefined && offset + 2 <= list.length;) {
    const start = offset + 2;
    offset = start + (list[start - 2]! << 8 | list[start - 1]!);
    if (offset <= list.length) found.push(list.subarray(start, offset));
  }
  return found;
}
