import { equal } from "node:assert/strict";
import { holdSession } from "../../../../src/tls/session/mod.ts";
import { sever } from "../../../../src/tls/session/sever.ts";
import { during, tcpServer } from "./servers.ts";

const endpointOf = ({ hostname, port }: Deno.NetAddr) => ({ address: hostname, port });

for (const hostname of ["127.0.0.1", "::1"]) {
  Deno.test(`one connection to ${hostname} is severed, and no other`, async () => {
    const listener = Deno.listen({ hostname, port: 0 });
    const { port } = listener.addr as Deno.NetAddr;
    const [near, nearOther] = [
      await Deno.connect({ hostname, port }),
      await Deno.connect({ hostname, port }),
    ];
    const [far, farOther] = [await listener.accept(), await listener.accept()];
    sever(endpointOf(near.localAddr), endpointOf(near.remoteAddr));
    const octet = new Uint8Array(1);
    equal(await near.read(octet), null);
    equal(await far.read(octet), null);
    await nearOther.write(octet);
    equal(await farOther.read(octet), 1);
    for (const open of [near, nearOther, far, farOther, listener]) open.close();
  });
}

Deno.test("a server that stays silent in the handshake costs no descriptor", async () => {
  const { promise: isOver, resolve: end } = Promise.withResolvers<void>();
  const descriptors = () => [...Deno.readDirSync("/proc/self/fd")].length;
  const sessions = 20;
  await during(tcpServer(() => isOver), async ({ port }) => {
    const before = descriptors();
    const trust = { source: "nobody", rootCount: 0, caCerts: [] };
    await Promise.all(
      Array.from(
        { length: sessions },
        () => holdSession({ address: "127.0.0.1", port, trust, deadlineMs: 100 }),
      ),
    );
    // The server holds on to its own ends; ours are closed in the background.
    const expected = before + sessions;
    for (let wait = 0; wait < 50 && descriptors() > expected; wait++) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    equal(descriptors() - before <= sessions, true);
    end();
  });
});
