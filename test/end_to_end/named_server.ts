/**
 * A TLS server on port 443 of every address, to be run by itself: to whoever asks for a name it shows a certificate of
 * that name, to others one of `default.example`, all under one root that it writes to the file of its argument. It
 * answers every request over HTTP. Prints `ready` when it listens.
 */
import { createSecureContext, createServer } from "node:tls";
import { basicConstraints, type Identity, makeIdentity } from "../unit/tls/session/identities.ts";

const root = await makeIdentity("margay lab root", { extensions: [basicConstraints(true)] });
await Deno.writeTextFile(Deno.args[0]!, root.chainPem);

const identities = new Map<string, Promise<Identity>>();

function identityOf(name: string): Promise<Identity> {
  const identity = identities.get(name) ?? makeIdentity(name, { issuer: root, names: [name] });
  identities.set(name, identity);
  return identity;
}

const { chainPem: cert, keyPem: key } = await identityOf("default.example");
const server = createServer({
  cert,
  key,
  async SNICallback(name, done) {
    // Deno asks also where the client named nobody.
    const { chainPem: cert, keyPem: key } = await identityOf(name || "default.example");
    done(null, createSecureContext({ cert, key }));
  },
});
server.on("secureConnection", (socket) => {
  socket.on("error", () => {});
  socket.once("data", () => socket.end("HTTP/1.1 200 OK\r\nServer: lab\r\nContent-Length: 5\r\n\r\nhello"));
});
server.on("tlsClientError", () => {});
server.listen(443, "0.0.0.0", () => console.log("ready"));
