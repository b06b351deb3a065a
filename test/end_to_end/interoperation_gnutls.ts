import { TLS_SERVERS } from "../lab/tls_servers.ts";
import { runTool } from "../lab/tools.ts";
import type { Shown } from "./interoperation_certificates.ts";
import { NEW, only, ONLY_NEW, type Speaks, type Version } from "./interoperation_expected.ts";
import { type Row, rowOf } from "./interoperation_rows.ts";

const { gnutls } = TLS_SERVERS;

const SERVERS: readonly (readonly [name: string, priority: string, shown: Shown, speaks: Speaks])[] = [
  ["RSA", "NORMAL", "rsa", NEW],
  ["P-256", "NORMAL", "p256", NEW],
  ["P-384", "NORMAL", "p384", NEW],
  ["Ed25519", "NORMAL", "ed25519", NEW],
  ["P-521, 1.3 alone", "NORMAL:-VERS-ALL:+VERS-TLS1.3", "p521", ONLY_NEW],
  ["Ed448, 1.3 alone", "NORMAL:-VERS-ALL:+VERS-TLS1.3", "ed448", ONLY_NEW],
  ["1.3 alone, RSA, group P-256", "NORMAL:-VERS-ALL:+VERS-TLS1.3:-GROUP-ALL:+GROUP-SECP256R1", "rsa", {
    ...ONLY_NEW,
    retriedGroup: "secp256r1",
  }],
  ["1.2 alone, RSA", "NORMAL:-VERS-ALL:+VERS-TLS1.2", "rsa", only("TLS 1.2")],
  [
    "1.2 alone, RSA, Camellia",
    "NORMAL:-VERS-ALL:+VERS-TLS1.2:-CIPHER-ALL:+CAMELLIA-128-CBC",
    "rsa",
    only("TLS 1.2"),
  ],
  ["1.1 alone, RSA", "NORMAL:-VERS-ALL:+VERS-TLS1.1", "rsa", only("TLS 1.1")],
  ["1.1 alone, ECDSA", "NORMAL:-VERS-ALL:+VERS-TLS1.1", "p256", only("TLS 1.1")],
  ["1.0 alone, RSA", "NORMAL:-VERS-ALL:+VERS-TLS1.0", "rsa", only("TLS 1.0")],
  ["1.0 alone, RSA, 3DES", "NORMAL:-VERS-ALL:+VERS-TLS1.0:-CIPHER-ALL:+3DES-CBC", "rsa", only("TLS 1.0")],
  ["1.0 alone, RSA, RC4", "NORMAL:-VERS-ALL:+VERS-TLS1.0:-CIPHER-ALL:+ARCFOUR-128", "rsa", only("TLS 1.0")],
  ["SSL 3.0 alone, RSA", "NORMAL:-VERS-ALL:+VERS-SSL3.0", "rsa", only("SSL 3.0")],
];

/** It takes its port on every address. */
const FIRST_PORT = 5000;

/** GnuTLS's server in every version that its build can still speak; where it is installed. */
export async function gnutlsRows(): Promise<Row[]> {
  const speaks = await spokenVersions();
  return SERVERS
    .map(([name, priority, shown, speaks], index) =>
      rowOf(gnutls, name, { settings: [priority], shown, port: FIRST_PORT + index, speaks })
    )
    .filter((row) => speaks(row.speaks.newest));
}

/** The versions that its build lacks. */
export async function gnutlsLacks(): Promise<Version[]> {
  const speaks = await spokenVersions();
  return [...new Set(SERVERS.map(([, , , { newest }]) => newest))].filter((version) => !speaks(version));
}

async function spokenVersions(): Promise<(version: Version) => boolean> {
  const protocols = /^Protocols: (.*)$/m.exec(await runTool([gnutls.program, "--list"]))?.[1] ?? "";
  return (version) => protocols.includes(`VERS-${version.replace(" ", "")}`);
}
