// A peer of `capture`: full TLS handshakes, 64 at once, with each of the addresses that it reads from standard input,
// one a line. Arguments: `deno` or `node` (whose client), the TLS version (Deno's client takes the highest), the port,
// the file of the root that the server's chain leads to. Prints how many came about.
import { readFile } from "node:fs/promises";
import process from "node:process";
import { createInterface } from "node:readline";
import { connect, createSecureContext } from "node:tls";
import { SERVER_NAME } from "./nginx.ts";

const CONCURRENCY = 64;
const TIMEOUT_MS = 10_000;

const [engine, version, portText, rootFile] = process.argv.slice(2) as [
  "deno" | "node",
  "1.2" | "1.3",
  string,
  string,
];
const caCerts = [await readFile(rootFile, "utf8")];
const port = Number(portText);
const protocol = `TLSv${version}` as const;
const secureContext = createSecureContext({ minVersion: protocol, maxVersion: protocol, ca: [] });
const addresses = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
let done = 0;

async function work(): Promise<void> {
  for (let line = await addresses.next(); !line.done; line = await addresses.next()) {
    if (await (engine === "node" ? byNode(line.value) : byDeno(line.value))) done++;
  }
}

function byNode(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const options = { host: address, port, secureContext, rejectUnauthorized: false, timeout: TIMEOUT_MS };
    const socket = connect(options, () => {
      resolve(socket.getPeerCertificate().raw.length > 0);
      socket.destroy();
    });
    socket.on("timeout", () => socket.destroy());
    socket.on("error", () => {});
    socket.on("close", () => resolve(false));
  });
}

async function byDeno(address: string): Promise<boolean> {
  const connection = await Deno.connect({ hostname: address, port });
  const session = await Deno.startTls(connection, { hostname: SERVER_NAME, caCerts });
  await session.handshake();
  session.close();
  return true;
}

await Promise.all(Array.from({ length: CONCURRENCY }, work));
console.log(done);
