/**
 * Real servers that speak TLS at once, from Debian's packages and the two runtimes that are there anyway.
 *
 * @module
 */
import { join } from "node:path";
import { toPem } from "./certificates.ts";
import {
  type CredentialPaths,
  type Credentials,
  type RunningServer,
  type ServerAddress,
  type ServerPlan,
  startServer,
  writeCredentials,
  writeLines,
} from "./server_process.ts";
import { hasTool } from "./tools.ts";

/** What a server is to show, where, and how it is told to. */
export interface TlsServerSetup extends ServerAddress {
  readonly certificate: Credentials;
  /** What it shows to those who ask for a name; only nginx heeds it. */
  readonly named?: readonly { readonly serverName: string; readonly certificate: Credentials }[];
  /** In the program's own words: arguments, or lines of its configuration. */
  readonly settings: readonly string[];
}

/** One kind of server. */
export interface TlsServer {
  readonly name: string;
  /** The program that has to be there, and Debian's package it comes in. */
  readonly program: string;
  readonly packages: string;
  prepare(place: Place): Promise<ServerPlan>;
}

interface Place extends TlsServerSetup, CredentialPaths {
  /** Its own, empty but for the certificate. */
  readonly folder: string;
}

/** By what they are called in the test. */
export const TLS_SERVERS = {
  /** `settings`: arguments of `s_server`. */
  openssl: { name: "OpenSSL", program: "openssl", packages: "openssl", prepare: prepareOpenssl },
  /** `settings`: one priority string. It listens on every address of its namespace. */
  gnutls: { name: "GnuTLS", program: "gnutls-serv", packages: "gnutls-bin", prepare: prepareGnutls },
  /** `settings`: directives of a server block. */
  nginx: { name: "nginx", program: "nginx", packages: "nginx-light", prepare: prepareNginx },
  /** `settings`: options of a service. */
  stunnel: { name: "stunnel", program: "stunnel4", packages: "stunnel4", prepare: prepareStunnel },
  /** `settings`: words behind `bind`. */
  haproxy: { name: "HAProxy", program: "haproxy", packages: "haproxy", prepare: prepareHaproxy },
  /** `settings`: an object of options for `createServer`, as JSON. */
  node: { name: "Node", program: "node", packages: "nodejs", prepare: prepareNode },
  /** `settings`: none. */
  deno: { name: "Deno", program: "deno", packages: "deno", prepare: prepareDeno },
} as const satisfies Record<string, TlsServer>;

/** Whether a server's program is there. Deno's is: this is one. */
export function isInstalled(server: TlsServer): boolean {
  return server === TLS_SERVERS.deno || hasTool(server.program) && !isStandIn(server);
}

/** Where there is no Node, Deno puts itself into PATH under its name. */
function isStandIn(server: TlsServer): boolean {
  if (server !== TLS_SERVERS.node) return false;
  const asked = new Deno.Command(server.program, { args: ["-p", "process.versions.deno"] }).outputSync();
  return new TextDecoder().decode(asked.stdout).trim() !== "undefined";
}

/**
 * Starts a server and waits until it accepts connections.
 *
 * @throws {Error} when something listens there already, and with what it wrote when it ends or doesn't come up.
 */
export function serveTls(server: TlsServer, setup: TlsServerSetup): Promise<RunningServer> {
  return startServer(server.name, setup, async (folder) => {
    const paths = await writeCredentials(folder, setup.certificate);
    const { command } = await server.prepare({ ...setup, folder, ...paths });
    return { command: ["setpriv", "--pdeathsig", "KILL", "--", ...command] };
  });
}

async function prepareOpenssl(place: Place): Promise<ServerPlan> {
  const { folder, address, port, certificate, certificatePath, keyPath, settings } = place;
  // Of the file with the server's own certificate it takes no other.
  const issuers = certificate.chain.slice(1).map((der) => toPem("CERTIFICATE", der));
  const issuersPath = await writeLines(join(folder, "issuers.pem"), issuers);
  const arguments_ = [
    ...["s_server", "-accept", `${address}:${port}`, "-cert", certificatePath, "-key", keyPath],
    ...issuers.length > 0 ? ["-cert_chain", issuersPath] : [],
    // Else it completes the chain with what it trusts.
    ...["-no-CAfile", "-no-CApath", "-no-CAstore"],
    ...settings,
  ];
  // As a web server it forgets this, and else it ends with its input: here one that never does.
  const command = settings.includes("-stateless")
    ? ["sh", "-c", 'mkfifo input && exec openssl "$@" <> input', "sh", ...arguments_]
    : ["openssl", ...arguments_, "-www"];
  return { command };
}

function prepareGnutls({ port, certificatePath, keyPath, settings }: Place): Promise<ServerPlan> {
  const command = [
    ...["gnutls-serv", "--http", "--port", `${port}`, "--priority", settings.join("")],
    ...["--x509certfile", certificatePath, "--x509keyfile", keyPath],
  ];
  return Promise.resolve({ command });
}

async function prepareNginx(place: Place): Promise<ServerPlan> {
  const { folder, address, port, certificatePath, keyPath, settings, named = [] } = place;
  const block = (paths: CredentialPaths, lines: readonly string[]) => [
    "  server {",
    `    listen ${address}:${port} ssl;`,
    `    ssl_certificate ${paths.certificatePath};`,
    `    ssl_certificate_key ${paths.keyPath};`,
    ...lines.map((line) => `    ${line};`),
    '    return 200 "hello\\n";',
    "  }",
  ];
  const blocks = block({ certificatePath, keyPath }, settings);
  for (const { serverName, certificate } of named) {
    const folderOfName = join(folder, serverName);
    await Deno.mkdir(folderOfName);
    const paths = await writeCredentials(folderOfName, certificate);
    blocks.push(...block(paths, [`server_name ${serverName}`, ...settings]));
  }
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
  const configuration = await writeLines(join(folder, "nginx.conf"), [
    "daemon off;",
    "user root root;",
    // One process does both, as whoever starts it: nothing to change users for.
    "master_process off;",
    `pid ${folder}/pid;`,
    "error_log stderr;",
    "events {}",
    "http {",
    "  access_log off;",
    ...temporary.map((name) => `  ${name}_temp_path ${folder}/${name};`),
    ...blocks,
    "}",
  ]);
  return { command: ["nginx", "-c", configuration, "-p", folder, "-e", "stderr"] };
}

async function prepareStunnel(place: Place): Promise<ServerPlan> {
  const { folder, address, port, certificatePath, keyPath, settings } = place;
  const configuration = await writeLines(join(folder, "stunnel.conf"), [
    "foreground = yes",
    "pid =",
    "[tls]",
    `accept = ${address}:${port}`,
    // Nobody gets so far.
    "connect = 127.0.0.1:9",
    `cert = ${certificatePath}`,
    `key = ${keyPath}`,
    ...settings,
  ]);
  return { command: ["stunnel4", configuration] };
}

async function prepareHaproxy(place: Place): Promise<ServerPlan> {
  const { folder, address, port, certificate, settings } = place;
  const pem = await writeLines(join(folder, "both.pem"), [
    ...certificate.chain.map((der) => toPem("CERTIFICATE", der)),
    toPem("PRIVATE KEY", certificate.privateKey),
  ]);
  const configuration = await writeLines(join(folder, "haproxy.cfg"), [
    "defaults",
    "  mode http",
    "  timeout connect 5s",
    "  timeout client 5s",
    "  timeout server 5s",
    "frontend tls",
    `  bind ${[`${address}:${port}`, "ssl", "crt", pem, ...settings].join(" ")}`,
    "  http-request return status 200",
  ]);
  return { command: ["haproxy", "-db", "-f", configuration] };
}

const NODE_SERVER = `
const [host, port, certificatePath, keyPath, options] = process.argv.slice(1);
const { readFileSync } = require("node:fs");
const identity = { cert: readFileSync(certificatePath), key: readFileSync(keyPath) };
require("node:tls")
  .createServer({ ...identity, ...JSON.parse(options) }, (socket) => socket.on("error", () => {}).end())
  .on("tlsClientError", () => {})
  .listen({ host, port: Number(port) });
`;

function prepareNode(place: Place): Promise<ServerPlan> {
  const { address, port, certificatePath, keyPath, settings } = place;
  const options = settings.join("") || "{}";
  return Promise.resolve({
    command: ["node", "-e", NODE_SERVER, "--", address, `${port}`, certificatePath, keyPath, options],
  });
}

const DENO_SERVER = `
const [hostname, port, certificatePath, keyPath] = Deno.args;
const identity = { cert: Deno.readTextFileSync(certificatePath), key: Deno.readTextFileSync(keyPath) };
for await (const connection of Deno.listenTls({ hostname, port: Number(port), ...identity })) {
  connection.handshake().then(() => connection.close(), () => {});
}
`;

async function prepareDeno(place: Place): Promise<ServerPlan> {
  const { folder, address, port, certificatePath, keyPath } = place;
  const program = await writeLines(join(folder, "server.js"), [DENO_SERVER]);
  const run = [Deno.execPath(), "run", "-A", "--quiet", "--no-config", program];
  return { command: [...run, address, `${port}`, certificatePath, keyPath] };
}
