// A server that takes every connection, listens, and never says a word: PORT. Says "ready" on stdout and stays until
// it is killed.
import { createServer } from "node:net";

createServer()
  .on("connection", (socket) => socket.on("error", () => {}).resume())
  .listen({ port: Number(Deno.args[0]), host: "0.0.0.0", backlog: 4096 }, () => {
    Deno.stdout.writeSync(new TextEncoder().encode("ready\n"));
  });
