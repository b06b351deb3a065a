import { START_TLS_SERVERS, type StartTlsServer } from "../lab/starttls_servers.ts";
import { TLS_SERVERS, type TlsServer } from "../lab/tls_servers.ts";
import { OTHER_SERVER_NAME, SERVER_NAME, type Shown } from "./interoperation_certificates.ts";
import { NEW, ONLY_NEW, type Speaks } from "./interoperation_expected.ts";

/** One server of the interoperation test: how it is configured, and what it then speaks. */
export interface Row {
  /** For the table. Servers that differ in their suite alone share it. */
  readonly name: string;
  readonly server: TlsServer | StartTlsServer;
  readonly settings: readonly string[];
  readonly shown: Shown;
  /** What it shows to those who ask for a name. */
  readonly named?: readonly { readonly serverName: string; readonly shown: Shown }[];
  /** The name that goes with the target. */
  readonly askedName?: string;
  readonly port: number;
  readonly speaks: Speaks;
}

/** A server that shows an RSA certificate and speaks TLS 1.2 and 1.3 on port 443, but for what is told. */
export function rowOf(server: TlsServer, what: string, told: Partial<Row> = {}): Row {
  const usual = { settings: [], shown: "rsa", port: 443, speaks: NEW } as const;
  return { name: `${server.name}, ${what}`, server, ...usual, ...told };
}

const { deno, haproxy, nginx, node, stunnel } = TLS_SERVERS;

/** The server that has two names. */
export const NAMED_ROW = rowOf(nginx, "by name", {
  named: [
    { serverName: SERVER_NAME, shown: "p256" },
    { serverName: OTHER_SERVER_NAME, shown: "other" },
  ],
  settings: ["ssl_protocols TLSv1.2 TLSv1.3"],
});

/** The server that sessions are held with. */
export const SESSION_ROW = rowOf(nginx, "RSA", {
  settings: ["ssl_protocols TLSv1.2 TLSv1.3"],
  speaks: { ...NEW, alpn: "http/1.1" },
});

/** The server that no session can be held with. */
export const OLD_ROW = rowOf(nginx, "RSA, 1.0 and 1.1", {
  settings: ["ssl_protocols TLSv1 TLSv1.1", "ssl_ciphers ALL:@SECLEVEL=0"],
  speaks: { newest: "TLS 1.1", oldest: "TLS 1.0" },
});

/** Web servers, proxies and runtimes. */
export const WEB_ROWS: readonly Row[] = [
  NAMED_ROW,
  SESSION_ROW,
  rowOf(nginx, "ECDSA", { settings: SESSION_ROW.settings, shown: "p256", speaks: SESSION_ROW.speaks }),
  rowOf(nginx, "RSA, 1.3 alone", { settings: ["ssl_protocols TLSv1.3"], speaks: ONLY_NEW }),
  rowOf(nginx, "ECDSA, 1.3 alone", { settings: ["ssl_protocols TLSv1.3"], shown: "p256", speaks: ONLY_NEW }),
  OLD_ROW,
  rowOf(stunnel, "RSA"),
  rowOf(stunnel, "ECDSA, 1.3 alone", { settings: ["sslVersion = TLSv1.3"], shown: "p256", speaks: ONLY_NEW }),
  rowOf(haproxy, "RSA"),
  rowOf(haproxy, "ECDSA, 1.3 alone, client certificate", {
    settings: ["ssl-min-ver", "TLSv1.3", "verify", "required", "ca-file", "both.pem"],
    shown: "p256",
    speaks: { ...ONLY_NEW, demandsCertificate: true },
  }),
  rowOf(node, "RSA"),
  rowOf(node, "ECDSA, 1.3 alone", {
    settings: ['{ "minVersion": "TLSv1.3" }'],
    shown: "p256",
    speaks: ONLY_NEW,
  }),
  rowOf(node, "RSA, 1.0 and 1.1", {
    settings: ['{ "minVersion": "TLSv1", "maxVersion": "TLSv1.1", "ciphers": "ALL:@SECLEVEL=0" }'],
    speaks: OLD_ROW.speaks,
  }),
  rowOf(node, "RSA, other application", {
    settings: ['{ "ALPNProtocols": ["imap"] }'],
    speaks: { ...NEW, refusesAlpn: true },
  }),
  rowOf(deno, "RSA", { speaks: { ...NEW, isPostQuantum: true } }),
  rowOf(deno, "ECDSA", { shown: "p384", speaks: { ...NEW, isPostQuantum: true } }),
];

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

/** They take no other group for TLS 1.3. */
const P256_SERVERS: ReadonlySet<string> = new Set(["postgresql", "vsftpd"]);

/** How each is told to speak TLS 1.3 alone; vsftpd can't be. */
const ONLY_NEW_SETTINGS: Readonly<Record<string, readonly string[]>> = {
  postfix: ["smtpd_tls_protocols = >=TLSv1.3"],
  dovecot: ["ssl_min_protocol = TLSv1.3"],
  postgresql: ["-c", "ssl_min_protocol_version=TLSv1.3"],
  mariadb: ["--tls-version=TLSv1.3"],
  slapd: ["TLSCipherSuite NORMAL:-VERS-ALL:+VERS-TLS1.3"],
  prosody: ['protocol = "tlsv1_3"'],
};

/** Servers that are asked to go over to TLS; and one of them that needn't be. */
export const START_TLS_ROWS: readonly Row[] = START_TLS_SERVERS.flatMap((server): Row[] => {
  const { name, protocol } = server;
  const retried = P256_SERVERS.has(name) ? { retriedGroup: "secp256r1" } : {};
  const row: Row = {
    name: `${name}, ${protocol}`,
    server,
    settings: [],
    shown: "rsa",
    ...(protocol === "xmpp" && { askedName: SERVER_NAME }),
    port: PORTS[protocol],
    speaks: { ...NEW, ...retried },
  };
  const rows = [row];
  const settings = ONLY_NEW_SETTINGS[name];
  if (settings !== undefined) {
    rows.push({ ...row, name: `${row.name}, 1.3 alone`, settings, speaks: { ...ONLY_NEW, ...retried } });
  }
  if (protocol === "imap") rows.push({ ...row, name: `${name}, imaps`, shown: "p256", port: 993 });
  return rows;
});
