/**
 * TLS servers on port 443 of several addresses, to be run by itself, that renew their certificates when a line comes on
 * standard input. What each renewal is stands beside it. Prints a line when the servers listen.
 */
import { setTimeout as delay } from "node:timers/promises";
import { basicConstraints, type Identity, makeIdentity, withChain } from "../unit/tls/session/identities.ts";

const authority = (name: string) => makeIdentity(name, { extensions: [basicConstraints(true)] });
const [first, second] = await Promise.all([authority("First Trust"), authority("Second Trust")]);

/** A certificate for a name, which shows its issuer. */
async function certificate(name: string, issuer: Identity, keys?: CryptoKeyPair): Promise<Identity> {
  const identity = await makeIdentity(name, { issuer, names: [name], ...(keys && { keys }) });
  return withChain(identity, [...identity.chain, ...issuer.chain]);
}

/** What an address shows before and after the renewal. */
async function renewed(
  name: string,
  after: { readonly issuer: Identity; readonly keepsKey: boolean },
): Promise<[Identity, Identity]> {
  const before = await certificate(name, first);
  return [before, await certificate(name, after.issuer, after.keepsKey ? before.keys : undefined)];
}

const unchanged = await certificate("same.example", first);
const [one, other] = [await certificate("cdn.example", first), await certificate("cdn.example", second)];
const device = await makeIdentity("device.example");

const shown: readonly [host: number, before: Identity | undefined, after: Identity | undefined][] = [
  [1, ...await renewed("key.example", { issuer: first, keepsKey: false })],
  [2, ...await renewed("date.example", { issuer: first, keepsKey: true })],
  [3, ...await renewed("moved.example", { issuer: second, keepsKey: true })],
  [4, ...await renewed("taken.example", { issuer: second, keepsKey: false })],
  [5, unchanged, unchanged],
  // Two certificates at once that change places, as load balancers do.
  [6, one, other],
  [7, other, one],
  // One goes, another comes: nothing was replaced.
  [8, device, undefined],
  [9, undefined, await certificate("new.example", second)],
];

function listen(phase: 1 | 2): Deno.TlsListener[] {
  return shown.flatMap((row) => {
    const identity = row[phase];
    if (identity === undefined) return [];
    const { chainPem: cert, keyPem: key } = identity;
    const listener = Deno.listenTls({ hostname: `10.50.0.${row[0]}`, port: 443, cert, key });
    serve(listener);
    return [listener];
  });
}

async function serve(listener: Deno.TlsListener): Promise<void> {
  for (;;) {
    try {
      const connection = await listener.accept();
      // The handshake is begun by whoever reads. A scan leaves in its midst.
      connection.read(new Uint8Array(1)).catch(() => {}).finally(() => connection.close());
    } catch {
      return;
    }
  }
}

const before = listen(1);
console.log("before");
await Deno.stdin.read(new Uint8Array(16));
for (const listener of before) listener.close();
// They are closed when their last accept has returned.
await delay(100);
listen(2);
console.log("after");
