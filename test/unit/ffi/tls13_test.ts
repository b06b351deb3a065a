import assert from "node:assert/strict";
import {
  NativeError,
  openTls13Record,
  TLS13_SECRET_BYTES,
  tls13Keys,
  tls13PublicShare,
} from "../../../ffi/mod.ts";
import { CERTIFICATE, SIMPLE } from "../tls/rfc8448.ts";

/** Groups, and how long the client's and the server's share are. */
const GROUPS = [[23, 65, 65], [24, 97, 97], [29, 32, 32], [0x11ec, 1216, 1120]] as const;

/** Good for every group, wherever it looks for its scalar. */
function secretOf(octet: number): Uint8Array<ArrayBuffer> {
  const secret = new Uint8Array(TLS13_SECRET_BYTES);
  for (const offset of [0, 31, 47, 64]) secret[offset] = octet;
  return secret;
}

const exchange = {
  suite: 0x1301,
  group: 29,
  secret: secretOf(8),
  serverShare: tls13PublicShare(29, secretOf(16)),
  transcript: SIMPLE.clientHello,
};

/** RFC 8448, 3, as the library takes it. */
function exampleKeys() {
  const secret = new Uint8Array(TLS13_SECRET_BYTES);
  secret.set(SIMPLE.privateKey);
  const { clientHello, serverHello } = SIMPLE;
  const transcript = Uint8Array.from([...clientHello.subarray(5), ...serverHello.subarray(5)]);
  const keyShare = serverHello.subarray(57, 57 + 32);
  return tls13Keys({ suite: 0x1301, group: 29, secret, serverShare: keyShare, transcript });
}

Deno.test("the record of RFC 8448 is opened in place", () => {
  const record = SIMPLE.flight.slice();
  const inner = openTls13Record(exampleKeys()!, 0, record)!;
  assert.equal(inner.buffer, record.buffer);
  assert.equal(inner.length, record.length - 5 - 16);
  assert.equal(inner.at(-1), 22);
  assert.deepEqual(inner.subarray(51, 51 + CERTIFICATE.length), CERTIFICATE);
});

Deno.test("a record that is another, was changed, or is too short is not opened", () => {
  const keys = exampleKeys()!;
  assert.equal(openTls13Record(keys, 1, SIMPLE.flight.slice()), undefined);
  const changed = SIMPLE.flight.slice();
  changed[0]! ^= 1;
  assert.equal(openTls13Record(keys, 0, changed), undefined);
  for (const length of [5, 20, 21]) {
    assert.equal(openTls13Record(keys, 0, SIMPLE.flight.slice(0, length)), undefined);
  }
  assert.throws(
    () => openTls13Record(keys, 0, SIMPLE.flight.slice(0, 4)),
    new NativeError("invalidArgument", "open a TLS record"),
  );
});

Deno.test("shares of every group have their length, and those of the server are checked", () => {
  for (const [group, clientBytes, serverBytes] of GROUPS) {
    const share = tls13PublicShare(group, secretOf(8));
    assert.equal(share.length, clientBytes);
    assert.deepEqual(tls13PublicShare(group, secretOf(8)), share);
    assert.notDeepEqual(tls13PublicShare(group, secretOf(16)), share);
    const refused = { ...exchange, group, secret: secretOf(8) };
    for (const length of [0, 1, serverBytes - 1, serverBytes, serverBytes + 1]) {
      assert.equal(
        tls13Keys({ ...refused, serverShare: new Uint8Array(length) }),
        undefined,
        `${group} ${length}`,
      );
    }
  }
});

Deno.test("both sides of an exchange come to the same keys, which depend on the whole transcript", () => {
  for (const group of [23, 24, 29]) {
    for (const suite of [0x1301, 0x1302, 0x1303]) {
      const [ours, theirs] = [secretOf(8), secretOf(16)];
      const common = { suite, group, transcript: exchange.transcript };
      const keys = tls13Keys({ ...common, secret: ours, serverShare: tls13PublicShare(group, theirs) });
      assert.notEqual(keys, undefined);
      assert.deepEqual(
        tls13Keys({ ...common, secret: theirs, serverShare: tls13PublicShare(group, ours) }),
        keys,
      );
      const shorter = { ...common, transcript: common.transcript.subarray(1) };
      assert.notDeepEqual(
        tls13Keys({ ...shorter, secret: ours, serverShare: tls13PublicShare(group, theirs) }),
        keys,
      );
    }
  }
});

Deno.test("what the library does not have is an error", () => {
  assert.throws(
    () => tls13PublicShare(30, secretOf(8)),
    new NativeError("invalidArgument", "make a key of group 30"),
  );
  assert.throws(
    () => tls13PublicShare(29, secretOf(0)),
    new NativeError("invalidArgument", "make a key of group 29"),
  );
  assert.throws(() => tls13PublicShare(29, new Uint8Array(32)), {
    message: "Cannot make a key from 32 octets: it takes 96",
  });
  for (const wrong of [{ suite: 0x1304 }, { group: 30 }]) {
    assert.throws(() => tls13Keys({ ...exchange, ...wrong }), NativeError);
  }
});
