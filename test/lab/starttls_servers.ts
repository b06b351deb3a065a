/**
 * Real servers that go over to TLS when they are asked to, from Debian's packages.
 *
 * Each runs in user and process namespaces of its own: as somebody who isn't root, whoever starts it, since most of
 * them refuse root and none needs it; and so that nothing of it outlives the one process to be ended. So they run
 * inside the lab, where there is no other user to change to, as well as outside, for root and for anybody. For ports
 * below 1024 `net.ipv4.ip_unprivileged_port_start` has to allow them in the network namespace they listen in.
 *
 * @module
 */
import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { StartTlsProtocol } from "../../src/tls/starttls/mod.ts";
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

/** What a server is to show, and where. */
export interface StartTlsServerSetup extends ServerAddress {
  readonly certificate: Credentials;
  /** The name that an XMPP server answers to. */
  readonly serverName: string;
  /** In the program's own words: further lines of its configuration, or arguments; Prosody's are for `ssl`. */
  readonly settings: readonly string[];
}

/** One kind of server. */
export interface StartTlsServer {
  readonly name: string;
  readonly protocol: StartTlsProtocol;
  /** Debian's packages, as `apt-get install` takes them. */
  readonly packages: string;
  /** A file or folder that each package brings. */
  readonly installed: readonly string[];
  /** Programs to run to their end before it starts, and the one to start; writes the files it needs. */
  prepare(place: Place): Promise<Plan>;
}

interface Place extends StartTlsServerSetup, CredentialPaths {
  /** Its own, empty but for the certificate. */
  readonly folder: string;
}

interface Plan extends ServerPlan {
  /** Who it takes itself for: `nobody`, unless it insists on root. */
  readonly user?: "root";
}

/** In the order of their protocols. */
export const START_TLS_SERVERS: readonly StartTlsServer[] = [
  {
    name: "postfix",
    protocol: "smtp",
    packages: "postfix fakeroot",
    installed: ["/usr/sbin/postfix", "/usr/bin/fakeroot"],
    prepare: preparePostfix,
  },
  {
    name: "dovecot",
    protocol: "imap",
    packages: "dovecot-imapd",
    installed: ["/usr/lib/dovecot/imap-login"],
    prepare: (place) => prepareDovecot(place, "imap"),
  },
  {
    name: "dovecot",
    protocol: "pop3",
    packages: "dovecot-pop3d",
    installed: ["/usr/lib/dovecot/pop3-login"],
    prepare: (place) => prepareDovecot(place, "pop3"),
  },
  {
    name: "vsftpd",
    protocol: "ftp",
    packages: "vsftpd",
    installed: ["/usr/sbin/vsftpd"],
    prepare: prepareVsftpd,
  },
  {
    name: "postgresql",
    protocol: "postgres",
    packages: "postgresql",
    installed: ["/usr/lib/postgresql"],
    prepare: preparePostgresql,
  },
  {
    name: "mariadb",
    protocol: "mysql",
    packages: "mariadb-server",
    installed: ["/usr/sbin/mariadbd"],
    prepare: prepareMariadb,
  },
  {
    name: "slapd",
    protocol: "ldap",
    packages: "slapd",
    installed: ["/usr/sbin/slapd"],
    prepare: prepareSlapd,
  },
  {
    name: "prosody",
    protocol: "xmpp",
    packages: "prosody",
    installed: ["/usr/bin/prosody"],
    prepare: prepareProsody,
  },
];

/** Those that aren't installed here. */
export function missingStartTlsServers(): StartTlsServer[] {
  return START_TLS_SERVERS.filter(({ installed }) => !installed.every((path) => existsSync(path)));
}

/**
 * Starts a server and waits until it accepts connections.
 *
 * @throws {Error} when something listens there already, and with what it wrote when it ends or doesn't come up.
 */
export function serveStartTls(server: StartTlsServer, setup: StartTlsServerSetup): Promise<RunningServer> {
  return startServer(server.name, setup, async (folder) => {
    const place = { ...setup, folder, ...await writeCredentials(folder, setup.certificate) };
    const { first, command, user } = await server.prepare(place);
    const enter = namespacesFor(user);
    return { ...first && { first: [...enter, ...first] }, command: [...enter, ...command] };
  });
}

function namespacesFor(user: "root" | undefined): string[] {
  const mapping = user === "root" ? ["--map-root-user"] : ["--map-user=nobody", "--map-group=nogroup"];
  return [
    ...["setpriv", "--pdeathsig", "KILL", "--"],
    ...["unshare", "--user", ...mapping, "--pid", "--fork", "--kill-child", "--"],
  ];
}

/**
 * Postfix changes users all the time and nothing can talk it out of that. In a namespace with one user that fails, so
 * fakeroot has the C library tell it that it has succeeded; Postfix must hand on the environment that this needs.
 */
async function preparePostfix(place: Place): Promise<Plan> {
  const { folder, address, port, certificatePath, keyPath, settings } = place;
  for (const name of ["configuration", "data", "queue", "queue/pid", "queue/private", "queue/public"]) {
    await Deno.mkdir(join(folder, name));
  }
  const configuration = join(folder, "configuration");
  await writeLines(join(configuration, "main.cf"), [
    "compatibility_level = 3.6",
    `queue_directory = ${folder}/queue`,
    `data_directory = ${folder}/data`,
    "import_environment = MAIL_CONFIG LD_PRELOAD LD_LIBRARY_PATH FAKEROOTKEY",
    "maillog_file = /dev/stdout",
    "maillog_file_prefixes = /dev",
    "inet_interfaces = 127.0.0.1",
    "inet_protocols = ipv4",
    "myhostname = mail.lab.example",
    "mydestination =",
    "local_recipient_maps =",
    "alias_maps =",
    "smtpd_relay_restrictions = reject",
    "smtpd_peername_lookup = no",
    "smtpd_tls_security_level = may",
    `smtpd_tls_chain_files = ${keyPath}, ${certificatePath}`,
    ...settings,
  ]);
  await writeLines(join(configuration, "master.cf"), [
    `${address}:${port} inet n - n - - smtpd`,
    "tlsmgr unix - - n - 1 tlsmgr",
    "anvil unix - - n - 1 anvil",
    "postlog unix-dgram n - n - 1 postlogd",
  ]);
  const master = "/usr/lib/postfix/sbin/master";
  // It ends its whole process group, which must be its own.
  return { command: ["setsid", "--wait", "fakeroot", "--", master, "-c", configuration, "-d"], user: "root" };
}

/** On the ports that are for TLS at once it speaks that. */
async function prepareDovecot(place: Place, protocol: "imap" | "pop3"): Promise<Plan> {
  const { folder, address, port, certificatePath, keyPath, settings } = place;
  const isDirect = port === 993 || port === 995;
  const configuration = await writeLines(join(folder, "dovecot.conf"), [
    `base_dir = ${folder}/run`,
    `state_dir = ${folder}/state`,
    "log_path = /dev/stderr",
    `protocols = ${protocol}`,
    `listen = ${address}`,
    "ssl = yes",
    `ssl_cert = <${certificatePath}`,
    `ssl_key = <${keyPath}`,
    ...settings,
    "default_internal_user = nobody",
    "default_internal_group = nogroup",
    "default_login_user = nobody",
    "service anvil {",
    "  chroot =",
    "}",
    `service ${protocol}-login {`,
    "  chroot =",
    `  inet_listener ${protocol} {`,
    `    port = ${isDirect ? 0 : port}`,
    "  }",
    `  inet_listener ${protocol}s {`,
    `    port = ${isDirect ? port : 0}`,
    "    ssl = yes",
    "  }",
    "}",
    "passdb {",
    "  driver = static",
    "}",
  ]);
  return { command: ["dovecot", "-F", "-c", configuration] };
}

async function prepareVsftpd(place: Place): Promise<Plan> {
  const { folder, address, port, certificatePath, keyPath, settings } = place;
  await Deno.mkdir(join(folder, "empty"));
  const configuration = await writeLines(join(folder, "vsftpd.conf"), [
    "run_as_launching_user=YES",
    "background=NO",
    "listen=YES",
    `listen_address=${address}`,
    `listen_port=${port}`,
    `secure_chroot_dir=${folder}/empty`,
    "seccomp_sandbox=NO",
    "anonymous_enable=YES",
    "ssl_enable=YES",
    "ssl_ciphers=HIGH",
    `rsa_cert_file=${certificatePath}`,
    `rsa_private_key_file=${keyPath}`,
    ...settings,
  ]);
  return { command: ["vsftpd", configuration] };
}

async function preparePostgresql(place: Place): Promise<Plan> {
  const { folder, address, port, certificatePath, keyPath, settings } = place;
  const data = join(folder, "data");
  const programs = await newestPostgresql();
  return {
    first: [
      ...[join(programs, "initdb"), "--pgdata", data, "--username", "lab"],
      ...["--auth", "trust", "--no-sync", "--no-locale", "--encoding", "UTF8"],
    ],
    command: [
      ...[join(programs, "postgres"), "-D", data, "-h", address, "-p", `${port}`, "-k", folder, "-F"],
      ...["-c", "ssl=on", "-c", `ssl_cert_file=${certificatePath}`, "-c", `ssl_key_file=${keyPath}`],
      ...settings,
    ],
  };
}

/** Debian keeps each version's programs in a folder of their own. */
async function newestPostgresql(): Promise<string> {
  const folder = "/usr/lib/postgresql";
  const versions = (await readdir(folder)).map(Number).filter(Number.isInteger);
  return join(folder, `${Math.max(...versions)}`, "bin");
}

async function prepareMariadb(place: Place): Promise<Plan> {
  const { folder, address, port, certificatePath, keyPath, settings } = place;
  const data = join(folder, "data");
  await Deno.mkdir(data);
  return {
    command: [
      ...["mariadbd", "--no-defaults", `--datadir=${data}`, `--tmpdir=${folder}`],
      ...[`--socket=${folder}/socket`, `--pid-file=${folder}/pid`],
      ...[`--bind-address=${address}`, `--port=${port}`],
      ...[`--ssl-cert=${certificatePath}`, `--ssl-key=${keyPath}`],
      // It blocks whoever often leaves in the middle of a handshake.
      ...["--max-connect-errors=4294967295", "--skip-name-resolve"],
      // Nobody logs in, so there need be nothing to look users up in.
      ...["--skip-grant-tables", "--skip-networking=OFF", "--skip-innodb", "--default-storage-engine=Aria"],
      ...settings,
    ],
  };
}

async function prepareSlapd(place: Place): Promise<Plan> {
  const { folder, address, port, certificatePath, keyPath, settings } = place;
  const configuration = await writeLines(join(folder, "slapd.conf"), [
    `pidfile ${folder}/pid`,
    `argsfile ${folder}/args`,
    `TLSCertificateFile ${certificatePath}`,
    `TLSCertificateKeyFile ${keyPath}`,
    ...settings,
  ]);
  // A debug level keeps it in the foreground.
  return { command: ["slapd", "-f", configuration, "-h", `ldap://${address}:${port}`, "-d", "none"] };
}

async function prepareProsody(place: Place): Promise<Plan> {
  const { folder, address, port, serverName, certificatePath, keyPath, settings } = place;
  const configuration = await writeLines(join(folder, "prosody.cfg.lua"), [
    `data_path = "${folder}"`,
    `pidfile = "${folder}/pid"`,
    'log = { { levels = { min = "info" }, to = "console" } }',
    `interfaces = { "${address}" }`,
    `c2s_ports = { ${port} }`,
    'modules_enabled = { "tls", "saslauth" }',
    'modules_disabled = { "s2s" }',
    "c2s_require_encryption = true",
    `ssl = { ${[`certificate = "${certificatePath}"`, `key = "${keyPath}"`, ...settings].join(", ")} }`,
    `VirtualHost "${serverName}"`,
  ]);
  return { command: ["prosody", "--config", configuration, "-F"] };
}
