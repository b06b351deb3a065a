/**
 * The servers of the interoperation test: how each is configured, and what a capture of it is to say.
 *
 * @module
 */
import { missingStartTlsServers, START_TLS_SERVERS, type StartTlsServer } from "../lab/starttls_servers.ts";
import { isInstalled, TLS_SERVERS, type TlsServer } from "../lab/tls_servers.ts";
import { hasTool, runTool } from "../lab/tools.ts";
import { OFFERED_CIPHER_SUITES } from "../../src/tls/cipher_suites.ts";
import { OTHER_SERVER_NAME, SERVER_NAME, type Shown } from "./interoperation_certificates.ts";

/** One server. */
export interface Row {
  /** What it is, for the table; rows that differ in their suite alone share it. */
  readonly name: string;
  readonly server: TlsServer | StartTlsServer;
  readonly settings: readonly string[];
  readonly shown: Shown;
  /** What it shows to those who ask for a name. */
  readonly named?: readonly { readonly serverName: string; readonly shown: Shown }[];
  /** The target brings this name. */
  readonly askedName?: string;
  readonly port: number;
  readonly speaks: Speaks;
}

/** What is known of a server's answers. */
export interface Speaks {
  readonly newest: Version;
  readonly oldest: Version;
  /** IANA's name, where only one can come. */
  readonly suite?: string;
  /** The group a HelloRetryRequest asks for. */
  readonly retriedGroup?: string;
  /** It retries, for whatever group. */
  readonly retries?: boolean;
  readonly demandsCertificate?: boolean;
  /** It accepts nothing of what captures offer to servers of our day. */
  readonly refuses?: boolean;
  /** Takes a hello whose groups go as far as those of TLS 1.2. */
  readonly needsTls12Hello?: boolean;
}

const VERSIONS = ["SSL 3.0", "TLS 1.0", "TLS 1.1", "TLS 1.2", "TLS 1.3"] as const;
export type Version = typeof VERSIONS[number];

/** How hellos are chosen: in the orders of `--tls`, or only the one for a server's newest version. */
export type Mode = "auto" | "max" | "legacy" | "newest";

/** What a record of a capture is to say; what is left out doesn't matter. */
export interface Expected {
  readonly outcome: string;
  readonly alert?: string;
  readonly hello: string;
  readonly version?: string;
  readonly cipher_suite?: string;
  readonly key_exchange_group?: string;
  readonly hello_retried?: true;
  readonly client_certificate_requested?: true;
}

/** `--tls` for one version alone, and the name of its hello. */
const ONE_VERSION: Readonly<Record<Version, readonly [flag: string, hello: string]>> = {
  "TLS 1.3": ["1.3", "tls13"],
  "TLS 1.2": ["1.2", "tls12"],
  "TLS 1.1": ["1.1", "tls11"],
  "TLS 1.0": ["1.0", "tls10"],
  "SSL 3.0": ["ssl3", "ssl3"],
};

/** The value of `--tls` for a server. */
export function tlsFlagOf({ speaks }: Row, mode: Mode): string {
  return mode === "newest" ? ONE_VERSION[speaks.newest][0] : mode;
}

/** What a capture of a server is to say. */
export function expectedOf({ speaks }: Row, mode: Mode): Expected {
  const { newest, suite } = speaks;
  if (speaks.refuses && !isTakenAfterAll(speaks, mode)) return refusalOf(speaks, mode);
  const hello = helloFor(speaks, mode);
  const version = hello === "tls12" && isTls13(newest) ? "TLS 1.2" : newest;
  return {
    outcome: "captured",
    hello,
    version,
    ...(suite !== undefined && { cipher_suite: suite }),
    ...(isTls13(version) && {
      key_exchange_group: speaks.retriedGroup ?? "x25519",
      ...((speaks.retries || speaks.retriedGroup !== undefined) && { hello_retried: true as const }),
      // Below TLS 1.3 a server demands it behind its own certificate, which is all that a capture waits for.
      ...(speaks.demandsCertificate && { client_certificate_requested: true as const }),
    }),
  };
}

function isTls13(version: Version): boolean {
  return version === "TLS 1.3";
}

/** The hellos of old versions offer every old suite; in order of `--tls legacy` only that of TLS 1.0 comes. */
function isTakenAfterAll({ newest }: Speaks, mode: Mode): boolean {
  if (newest === "TLS 1.1") return mode === "newest";
  return newest === "TLS 1.0" && (mode === "newest" || mode === "legacy");
}

function refusalOf({ newest, oldest }: Speaks, mode: Mode): Expected {
  const isTls13Only = isTls13(oldest) && (mode === "auto" || mode === "legacy");
  if (isTls13Only) return { outcome: "tls13_only", alert: "protocol_version", hello: "tls12" };
  const hello = mode === "max" ? "modern" : mode === "newest" ? ONE_VERSION[newest][1] : "tls12";
  return { outcome: "alert", alert: "handshake_failure", hello };
}

function helloFor({ newest, oldest, needsTls12Hello, refuses }: Speaks, mode: Mode): string {
  if (mode === "newest") return ONE_VERSION[newest][1];
  if (mode === "legacy" && refuses) return "tls10";
  if (isTls13(oldest)) return "modern";
  return mode === "max" && !needsTls12Hello ? "modern" : "tls12";
}

/** Every suite of OpenSSL, even those without encryption. */
const EVERYTHING = "ALL:COMPLEMENTOFALL:@SECLEVEL=0";

const NEW: Speaks = { newest: "TLS 1.3", oldest: "TLS 1.2" };
const ONLY_NEW: Speaks = { newest: "TLS 1.3", oldest: "TLS 1.3" };

function only(version: Version): Speaks {
  return { newest: version, oldest: version };
}

/** All servers that can run here. */
export async function makeRows(): Promise<Row[]> {
  const missing = new Set(missingServers());
  const rows = [
    ...webServers(),
    ...await opensslServers(),
    ...await gnutlsServers(),
    ...mailAndOtherServers(),
  ];
  return rows.filter(({ server }) => !missing.has(server));
}

/** Those that aren't installed. */
export function missingServers(): (TlsServer | StartTlsServer)[] {
  const missing = Object.values(TLS_SERVERS).filter((server) => !isInstalled(server));
  return [...missing, ...missingStartTlsServers()];
}

/** The server that has two names. */
export const NAMED_ROW: Row = {
  name: "nginx, by name",
  server: TLS_SERVERS.nginx,
  settings: ["ssl_protocols TLSv1.2 TLSv1.3"],
  shown: "rsa",
  named: [
    { serverName: SERVER_NAME, shown: "p256" },
    { serverName: OTHER_SERVER_NAME, shown: "other" },
  ],
  port: 443,
  speaks: NEW,
};

/** The server that sessions are held with. */
export const SESSION_ROW: Row = {
  name: "nginx, RSA",
  server: TLS_SERVERS.nginx,
  settings: ["ssl_protocols TLSv1.2 TLSv1.3"],
  shown: "rsa",
  port: 443,
  speaks: NEW,
};

/** The server that no session can be held with. */
export const OLD_ROW: Row = {
  ...SESSION_ROW,
  name: "nginx, RSA, 1.0 and 1.1",
  settings: ["ssl_protocols TLSv1 TLSv1.1", "ssl_ciphers ALL:@SECLEVEL=0"],
  speaks: { newest: "TLS 1.1", oldest: "TLS 1.0" },
};

/** The server of which every version and suite is known, in its order. */
export const LISTED_ROW: Row = {
  name: "OpenSSL, with a list",
  server: TLS_SERVERS.openssl,
  settings: [
    ...["-min_protocol", "TLSv1", "-serverpref", "-groups", "P-256:X25519"],
    ...["-ciphersuites", "TLS_CHACHA20_POLY1305_SHA256:TLS_AES_256_GCM_SHA384"],
    ...[
      "-cipher",
      "ECDHE-RSA-AES256-GCM-SHA384:AES128-GCM-SHA256:ECDHE-RSA-AES256-SHA:AES128-SHA:@SECLEVEL=0",
    ],
  ],
  shown: "rsa",
  port: 443,
  speaks: { newest: "TLS 1.3", oldest: "TLS 1.0" },
};

/** The server with everything switched on; it leaves the choice to the client. */
export const LAVISH_ROW: Row = {
  ...LISTED_ROW,
  name: "OpenSSL, with everything",
  settings: ["-min_protocol", "TLSv1", "-cipher", EVERYTHING],
};

/** Servers of different libraries. */
export const FINGERPRINTED_NAMES = ["nginx, RSA", "GnuTLS, RSA", "Deno, RSA"];

function webServers(): Row[] {
  const nginx = SESSION_ROW;
  const stunnel = { server: TLS_SERVERS.stunnel, port: 443 };
  const haproxy = { server: TLS_SERVERS.haproxy, port: 443 };
  const node = { server: TLS_SERVERS.node, port: 443 };
  const deno = { server: TLS_SERVERS.deno, port: 443 };
  const newOnly = ["ssl_protocols TLSv1.3"];
  const nodeOld = JSON.stringify({
    minVersion: "TLSv1",
    maxVersion: "TLSv1.1",
    ciphers: "ALL:@SECLEVEL=0",
  });
  return [
    NAMED_ROW,
    SESSION_ROW,
    { ...nginx, name: "nginx, ECDSA", shown: "p256" },
    { ...nginx, name: "nginx, RSA, 1.3 alone", settings: newOnly, shown: "rsa", speaks: ONLY_NEW },
    { ...nginx, name: "nginx, ECDSA, 1.3 alone", settings: newOnly, shown: "p256", speaks: ONLY_NEW },
    OLD_ROW,
    { ...stunnel, name: "stunnel, RSA", settings: [], shown: "rsa", speaks: NEW },
    {
      ...stunnel,
      name: "stunnel, ECDSA, 1.3 alone",
      settings: ["sslVersion = TLSv1.3"],
      shown: "p256",
      speaks: ONLY_NEW,
    },
    { ...haproxy, name: "HAProxy, RSA", settings: [], shown: "rsa", speaks: NEW },
    {
      ...haproxy,
      name: "HAProxy, ECDSA, client certificate",
      settings: ["ssl-min-ver", "TLSv1.3", "verify", "required", "ca-file", "both.pem"],
      shown: "p256",
      speaks: { ...ONLY_NEW, demandsCertificate: true },
    },
    { ...node, name: "Node, RSA", settings: [], shown: "rsa", speaks: NEW },
    { ...node, name: "Node, RSA, 1.0 and 1.1", settings: [nodeOld], shown: "rsa", speaks: OLD_ROW.speaks },
    {
      ...node,
      name: "Node, ECDSA, 1.3 alone",
      settings: [JSON.stringify({ minVersion: "TLSv1.3" })],
      shown: "p256",
      speaks: ONLY_NEW,
    },
    { ...deno, name: "Deno, RSA", settings: [], shown: "rsa", speaks: NEW },
    { ...deno, name: "Deno, ECDSA", settings: [], shown: "p384", speaks: NEW },
  ];
}

/** How a suite's name tells which key signs, and what is shown then. */
const SHOWN_BY_SUITE: readonly (readonly [pattern: RegExp, kind: string, shown: Shown])[] = [
  [/_DSS_/, "DSA", "dsa"],
  [/_ECDSA_/, "ECDSA", "p256"],
  [/RSA_/, "RSA", "rsa"],
];

const OPENSSL_OLD_VERSIONS = [
  ["TLS 1.2", "-tls1_2"],
  ["TLS 1.1", "-tls1_1"],
  ["TLS 1.0", "-tls1"],
  ["SSL 3.0", "-ssl3"],
] as const;

/** Each version with each of its suites alone; each kind of certificate; each group; and what else it can demand. */
async function opensslServers(): Promise<Row[]> {
  if (!hasTool("openssl")) return [];
  const openssl = { server: TLS_SERVERS.openssl, port: 443 };
  const versions = await opensslVersions();
  const eachSuite = versions.map(async ([version, flag]) =>
    (await opensslSuites(flag)).filter(({ suite }) => !suite.includes("_anon_")).map((found): Row => {
      const { suite, name, number } = found;
      const [, kind, shown] = SHOWN_BY_SUITE.find(([pattern]) => pattern.test(suite))!;
      const isOffered = OFFERED_CIPHER_SUITES.has(number);
      return {
        ...openssl,
        name: `OpenSSL, ${version} alone, ${kind}${isOffered ? "" : ", rare suite"}`,
        settings: [flag, "-cipher", `${name}:@SECLEVEL=0`],
        shown,
        speaks: { ...only(version), suite, ...(!isOffered && { refuses: true }) },
      };
    })
  );
  const alone = ["-tls1_2", "-cipher", "ALL:@SECLEVEL=0"];
  const kinds: Shown[] = ["rsa", "rsaPss", "p256", "p384", "p521", "ed25519", "ed448"];
  const eachKind = kinds.flatMap((shown): Row[] => {
    const name = `OpenSSL, ${shown} certificate`;
    // Its key is on a curve that a hello for TLS 1.3 doesn't list.
    const speaks12: Speaks = { ...only("TLS 1.2"), ...(shown === "p521" && { needsTls12Hello: true }) };
    return [
      { ...openssl, name, settings: [], shown, speaks: NEW },
      { ...openssl, name: `${name}, 1.2 alone`, settings: alone, shown, speaks: speaks12 },
      { ...openssl, name: `${name}, 1.3 alone`, settings: ["-tls1_3"], shown, speaks: ONLY_NEW },
    ];
  });
  const eachNewSuite = [
    ["TLS_AES_128_GCM_SHA256", true],
    ["TLS_AES_256_GCM_SHA384", true],
    ["TLS_CHACHA20_POLY1305_SHA256", true],
    ["TLS_AES_128_CCM_SHA256", false],
    ["TLS_AES_128_CCM_8_SHA256", false],
  ] as const;
  const eachGroup: [group: string, expected: Partial<Speaks>][] = [
    ["X25519", {}],
    ["P-256", { retriedGroup: "secp256r1" }],
    ["P-384", { retriedGroup: "secp384r1" }],
    ["P-521", { refuses: true }],
    ["X448", { refuses: true }],
  ];
  const demands = ["-Verify", "1"];
  return [
    ...(await Promise.all(eachSuite)).flat(),
    ...eachNewSuite.map(([suite, isOffered]): Row => ({
      ...openssl,
      name: `OpenSSL, TLS 1.3 alone${isOffered ? "" : ", rare suite"}`,
      settings: ["-tls1_3", "-ciphersuites", suite],
      shown: "p256",
      speaks: { ...ONLY_NEW, suite, ...(!isOffered && { refuses: true }) },
    })),
    ...eachGroup.map(([group, expected]): Row => ({
      ...openssl,
      name: `OpenSSL, TLS 1.3 alone, ${group}`,
      settings: ["-tls1_3", "-groups", group],
      shown: "rsa",
      speaks: { ...ONLY_NEW, ...expected },
    })),
    ...eachKind,
    LISTED_ROW,
    LAVISH_ROW,
    {
      ...openssl,
      name: "OpenSSL, TLS 1.3 alone, cookie",
      settings: ["-tls1_3", "-stateless"],
      shown: "rsa",
      speaks: { ...ONLY_NEW, retries: true },
    },
    {
      ...openssl,
      name: "OpenSSL, 1.2 alone, client certificate",
      settings: [...alone, ...demands],
      shown: "rsa",
      speaks: { ...only("TLS 1.2"), demandsCertificate: true },
    },
    {
      ...openssl,
      name: "OpenSSL, 1.3 alone, client certificate",
      settings: ["-tls1_3", ...demands],
      shown: "rsa",
      speaks: { ...ONLY_NEW, demandsCertificate: true },
    },
  ];
}

/** Those below TLS 1.3 that this build speaks. */
async function opensslVersions() {
  const help = await runTool(["sh", "-c", "openssl s_server -help 2>&1"]);
  return OPENSSL_OLD_VERSIONS.filter(([, flag]) => new RegExp(`^ ${flag} `, "m").test(help));
}

interface OpensslSuite {
  /** IANA's name, and OpenSSL's. */
  readonly suite: string;
  readonly name: string;
  readonly number: number;
}

/** The suites that a server of one version below TLS 1.3 can speak with no more than a certificate, or without. */
export async function opensslSuites(flag: string): Promise<OpensslSuite[]> {
  const list = await runTool(["openssl", "ciphers", "-V", "-stdname", "-s", flag, EVERYTHING]);
  return list.trim().split("\n").flatMap((line) => {
    // 0xC0,0x2C - TLS_..., as IANA names it - as OpenSSL names it ...
    const [, high, low, suite, name] = /0x(..),0x(..) - (\S+) +- (\S+)/.exec(line)!;
    if (/_(PSK|SRP)_|^TLS_(AES|CHACHA)/.test(suite!)) return [];
    return [{ suite: suite!, name: name!, number: parseInt(high! + low!, 16) }];
  });
}

/** Name, priority string, what it shows and speaks. */
const GNUTLS_SERVERS: readonly (readonly [string, string, Shown, Speaks])[] = [
  ["RSA", "NORMAL", "rsa", NEW],
  ["ECDSA", "NORMAL", "p256", NEW],
  ["P-384", "NORMAL", "p384", NEW],
  ["P-521, 1.3 alone", "NORMAL:-VERS-ALL:+VERS-TLS1.3", "p521", ONLY_NEW],
  ["Ed25519", "NORMAL", "ed25519", NEW],
  ["Ed448, 1.3 alone", "NORMAL:-VERS-ALL:+VERS-TLS1.3", "ed448", ONLY_NEW],
  ["RSA, 1.3 alone, P-256", "NORMAL:-VERS-ALL:+VERS-TLS1.3:-GROUP-ALL:+GROUP-SECP256R1", "rsa", {
    ...ONLY_NEW,
    retriedGroup: "secp256r1",
  }],
  ["RSA, 1.2 alone", "NORMAL:-VERS-ALL:+VERS-TLS1.2", "rsa", only("TLS 1.2")],
  ["RSA, 1.1 alone", "NORMAL:-VERS-ALL:+VERS-TLS1.1", "rsa", only("TLS 1.1")],
  ["ECDSA, 1.1 alone", "NORMAL:-VERS-ALL:+VERS-TLS1.1", "p256", only("TLS 1.1")],
  ["RSA, 1.0 alone", "NORMAL:-VERS-ALL:+VERS-TLS1.0", "rsa", only("TLS 1.0")],
  ["RSA, Camellia", "NORMAL:-VERS-ALL:+VERS-TLS1.2:-CIPHER-ALL:+CAMELLIA-128-CBC", "rsa", only("TLS 1.2")],
  ["RSA, 3DES", "NORMAL:-VERS-ALL:+VERS-TLS1.0:-CIPHER-ALL:+3DES-CBC", "rsa", only("TLS 1.0")],
  ["RSA, RC4", "NORMAL:-VERS-ALL:+VERS-TLS1.0:-CIPHER-ALL:+ARCFOUR-128", "rsa", only("TLS 1.0")],
  ["RSA, SSL 3.0 alone", "NORMAL:-VERS-ALL:+VERS-SSL3.0", "rsa", only("SSL 3.0")],
];

async function gnutlsServers(): Promise<Row[]> {
  const { gnutls } = TLS_SERVERS;
  if (!hasTool(gnutls.program)) return [];
  const protocols = /^Protocols: (.*)$/m.exec(await runTool([gnutls.program, "--list"]))?.[1] ?? "";
  const isBuiltIn = (version: Version) => protocols.includes(`VERS-${version.replace(" ", "")}`);
  return GNUTLS_SERVERS
    .filter(([, , , { newest }]) => isBuiltIn(newest))
    .map(([name, priority, shown, speaks], index) => ({
      name: `GnuTLS, ${name}`,
      server: gnutls,
      settings: [priority],
      shown,
      // It takes its port on every address.
      port: 5000 + index,
      speaks,
    }));
}

const PORTS: Readonly<Record<StartTlsServer["protocol"], number>> = {
  smtp: 25,
  imap: 143,
  pop3: 110,
  ftp: 21,
  postgres: 5432,
  mysql: 3306,
  ldap: 389,
  xmpp: 5222,
};

/** They take no other group. */
const P256_SERVERS: ReadonlySet<string> = new Set(["postgresql", "vsftpd"]);

function mailAndOtherServers(): Row[] {
  const rows = START_TLS_SERVERS.map((server): Row => ({
    name: `${server.name}, ${server.protocol}`,
    server,
    settings: [],
    shown: "rsa",
    ...(server.protocol === "xmpp" && { askedName: SERVER_NAME }),
    port: PORTS[server.protocol],
    speaks: P256_SERVERS.has(server.name) ? { ...NEW, retriedGroup: "secp256r1" } : NEW,
  }));
  const imap = rows.find(({ server }) => "protocol" in server && server.protocol === "imap")!;
  return [...rows, { ...imap, name: "dovecot, imaps", shown: "p256", port: 993 }];
}
