// The second half of the pipeline's peer: reads addresses, one a line, from stdin, makes a full TLS handshake with each
// through the kernel, and writes the leaf certificate as one line of JSON. Its argument is the port.
//
// As fast as node:tls goes on two cores: 64 handshakes at once (32 and 128 take longer), TLS 1.2 (one flight less to
// decrypt), and one context for all, which otherwise loads the system's roots anew for each connection.
import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import process from "node:process";
import { createInterface } from "node:readline";
import { connect, createSecureContext } from "node:tls";
import type { Grab } from "./pipeline.ts";

const concurrency = 64;
const timeoutMs = 10_000;

const port = Number(process.argv[2]);
const secureContext = createSecureContext({ maxVersion: "TLSv1.2", ca: [] });
const addresses = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

async function work(): Promise<void> {
  for (let line = await addresses.next(); !line.done; line = await addresses.next()) await grab(line.value);
}

function grab(address: string): Promise<void> {
  return new Promise((resolve) => {
    const options = { host: address, port, secureContext, rejectUnauthorized: false, timeout: timeoutMs };
    const socket = connect(options, () => {
      const der = Buffer.from(socket.getPeerCertificate().raw);
      const fingerprint = createHash("sha256").update(der).digest("hex");
      const record: Grab = { address, port, fingerprint, der: der.toString("base64") };
      process.stdout.write(`${JSON.stringify(record)}\n`);
      socket.destroy();
    });
    socket.on("timeout", () => socket.destroy());
    // Whoever doesn't answer is missing from the output.
    socket.on("error", () => {});
    socket.on("close", resolve);
  });
}

await Promise.all(Array.from({ length: concurrency }, work));
