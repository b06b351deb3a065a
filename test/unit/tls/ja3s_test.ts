import { deepEqual, ok } from "node:assert/strict";
import { ja3s } from "../../../src/tls/ja3s.ts";
import { Malformed } from "../../../src/tls/malformed.ts";
import { parseServerHello } from "../../../src/tls/server_hello.ts";
import { concatenate, fromHex } from "./flight_bytes.ts";

const RANDOM = new Uint8Array(32);

function fingerprint(version: string, rest: string) {
  const hello = parseServerHello(concatenate(fromHex(version), RANDOM, fromHex(rest)));
  ok(!(hello instanceof Malformed));
  return ja3s(hello);
}

// The digests are those of `md5sum` over the texts.
Deno.test("a JA3S is the MD5 of version, suite and extensions in the order sent", () => {
  deepEqual(fingerprint("0303", "00 c02f 00 000d ff01 0001 00 0000 0000 0010 0000"), {
    text: "771,49199,65281-0-16",
    digest: "7554747c64df99ef4b45f1b1172df217",
  });
});

Deno.test("a ServerHello without extensions keeps the last comma", () => {
  deepEqual(fingerprint("0301", "00 002f 00"), {
    text: "769,47,",
    digest: "18e962e106761869a61045bed0e81c2c",
  });
});

Deno.test("of TLS 1.3 the version field counts, not the extension", () => {
  deepEqual(fingerprint("0303", "00 1301 00 000c 002b 0002 0304 0033 0002 0017"), {
    text: "771,4865,43-51",
    digest: "f4febc55ea12b31ae17cfb7e614afda8",
  });
});
