// The lab's servers, one process in the world's namespace: makes the certificates, listens once for each,
// writes the truth, says "ready" on stdout and serves until it is killed. Its argument is a `ServeOptions` as
// JSON.
//
// Measured on two shared cores with a client in Deno beside it: 4,100 hello-to-certificate exchanges a second
// over kernel sockets with 512 certificates, at about 160 us of CPU each here.
// Deno 2.4 knows no `tcpBacklog` here and listens with a backlog of 128 each.
import { Buffer } from "node:buffer";
import { createWriteStream } from "node:fs";
import { once } from "node:events";
import { type AddressRule, liveAddresses } from "./address_rule.ts";
import { fingerprintOf, makeCertificates, type ServerCertificate, toPem } from "./certificates.ts";
import { addressOfNumber, parsePrefix } from "./prefix.ts";
import { FIRST_SERVER_PORT } from "./ruleset.ts";
import type { TruthCertificate, TruthTarget } from "./truth.ts";

/** What the servers need to know. */
export interface ServeOptions {
  readonly rule: AddressRule;
  readonly prefix: string;
  readonly port: number;
  readonly truthPath: string;
  /** The certificate that is in the truth but not served. */
  readonly withoutCertificate?: number;
}

const BACKLOG = 1024;
/** A client that has gone without a word doesn't hold its socket longer. */
const HANDSHAKE_TIMEOUT_MILLISECONDS = 10_000;
/** The pause after a failed accept: out of descriptors until some handshakes end. */
const ACCEPT_PAUSE_MILLISECONDS = 10;

async function serve(certificate: ServerCertificate): Promise<never> {
  const listener = Deno.listenTls({
    hostname: "0.0.0.0",
    port: FIRST_SERVER_PORT + certificate.index,
    cert: certificate.chain.map((der) => toPem("CERTIFICATE", der)).join(""),
    key: toPem("PRIVATE KEY", certificate.privateKey),
    tcpBacklog: BACKLOG,
  });
  while (true) {
    try {
      void answer(await listener.accept());
    } catch {
      await new Promise((resolve) => setTimeout(resolve, ACCEPT_PAUSE_MILLISECONDS));
    }
  }
}

async function answer(connection: Deno.TlsConn): Promise<void> {
  const timer = setTimeout(() => closeQuietly(connection), HANDSHAKE_TIMEOUT_MILLISECONDS);
  try {
    await connection.handshake();
  } catch {
    // Most clients of a scanner's lab leave in the middle of a handshake.
  } finally {
    clearTimeout(timer);
    closeQuietly(connection);
  }
}

function closeQuietly(connection: Deno.TlsConn): void {
  try {
    connection.close();
  } catch {
    // It is closed already.
  }
}

async function writeTruth(options: ServeOptions, certificates: readonly ServerCertificate[]): Promise<void> {
  const stream = createWriteStream(options.truthPath);
  for (const { index, chain } of certificates) {
    const record: TruthCertificate = {
      record: "certificate",
      index,
      fingerprints: chain.map(fingerprintOf),
      chain: chain.map((der) => Buffer.from(der).toString("base64")),
    };
    stream.write(`${JSON.stringify(record)}\n`);
  }
  for (const [address, certificate] of liveAddresses(options.rule, parsePrefix(options.prefix))) {
    const record: TruthTarget = {
      record: "target",
      address: addressOfNumber(address),
      port: options.port,
      certificate,
    };
    stream.write(`${JSON.stringify(record)}\n`);
  }
  stream.end();
  await once(stream, "finish");
}

if (import.meta.main) {
  const options = JSON.parse(Deno.args[0] ?? "") as ServeOptions;
  const { certificateCount: count, seed } = options.rule;
  const certificates = await makeCertificates({ count, seed });
  for (const certificate of certificates) {
    if (certificate.index !== options.withoutCertificate) void serve(certificate);
  }
  await writeTruth(options, certificates);
  await Deno.stdout.write(new TextEncoder().encode("ready\n"));
}
