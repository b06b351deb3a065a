import { deepEqual, equal, notDeepEqual } from "node:assert/strict";
import { createHash } from "node:crypto";
import { JARM_NONE, jarmHash, jarmProbes } from "../../../src/tls/jarm.ts";
import { ServerHelloProbe } from "../../../src/tls/server_hello_probe.ts";
import { concatenate, fromHex, message, type Octets, record } from "./flight_bytes.ts";

/**
 * SHA-256 of the hellos of Salesforce's program for example.com, with all that it draws by chance made of
 * 0x5a.
 */
const REFERENCE_DIGESTS = [
  "b1fc888695671870bee21b0dfd2dbc51558beaa382e233119e4e792638d897da",
  "18a9559a1c223510e8b18b46108300876792cf3225bf9183db8e777311899c38",
  "91d29c0eb5c06aa560c3a4eb32d618efed2b542bfe4ac5b88fb24c85d7d935dc",
  "fc54a4d12b648f12d970acbdbc3cdcef6805645ea86e6045f65f55e1f2ae5519",
  "c34220a4a28a58de0cb053339eb0fbe219b3f098be8d6ad281b558fda54fbd60",
  "fefeb94dcc3d3f3f49d24f3085ab42a857ce9fd93cde5f7e8e1bcc47ec5d2262",
  "d2bf849111da58c8732814e1d25c2fa80f287421cdae6eb00cfdfea64f485f53",
  "96cc633328aab7341589ccbca4ebfac7bdacadd8b2cf3874d97e5820dd0041b8",
  "4b99ad4dd356be266adaa19b630b76fa08b1e4f80bc7b16cd35477f7c13df43e",
  "394a544be7a6cd839f034a79b2150c9a47cd36b25a8b35e71fff10a6e8ccf24a",
];

const steadyRandom = () => new Uint8Array(32).fill(0x5a);

const sha256 = (octets: Uint8Array): string => createHash("sha256").update(octets).digest("hex");

const RANDOM = Uint8Array.from({ length: 32 }, (_, index) => index);

/** A ServerHello in a record of its own; without `extensions` it has no block of them. */
function serverHello(version: string, suite: string, extensions?: string, sessionId = ""): Octets {
  const id = fromHex(sessionId);
  const block = extensions === undefined ? [] : fromHex(extensions);
  const lengths = extensions === undefined ? [] : [block.length >> 8, block.length & 255];
  return record(
    22,
    message(2, concatenate(fromHex(version), RANDOM, [id.length], id, fromHex(suite), [0], lengths, block)),
  );
}

/** The fingerprint of a server with these answers, `undefined` where it said nothing. */
function fingerprint(answers: readonly (Octets | undefined)[]): string {
  return jarmHash(answers.map((answer) => {
    const probe = new ServerHelloProbe(new Uint8Array(0));
    if (answer !== undefined) probe.feed(answer);
    return probe;
  }));
}

Deno.test("the hellos are those of the published program, octet by octet", () => {
  const hellos = jarmProbes("example.com", steadyRandom).map(({ firstBytes }) => firstBytes);
  deepEqual(hellos.map(sha256), REFERENCE_DIGESTS);
  deepEqual(
    hellos[9],
    fromHex(`
    16030101b3010001af03035a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a205a5a5a5a
    5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a008c5a5ac012c013c007c027cc14c02f1301c014
    1302c028cca9c030c073c060c072c061c02cc076c0afc077c0adcca8c0241305c00a1304c02b1303c0aecc13c0acc011
    c023000ac009002fc008003c009ac09c00c4c0a00088009c00be00350045003d009fc09dc0a3c0a1c09f009d006b0041
    003900ba009e0084c0a200c0c09e000700670004003300050016010000da5a5a000000000010000e00000b6578616d70
    6c652e636f6d001700000001000101ff01000100000a000a0008001d001700180019000b00020100002300000010003c
    003a0268710368326302683206737064792f3306737064792f3206737064792f3108687474702f312e3108687474702f
    312e3008687474702f302e39000d001400120403080404010503080505010806060102010033002b00295a5a00010000
    1d00205a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a002d00020101002b000b0a5a5a
    0304030303020301
    `),
  );
});

Deno.test("an address stands where a name would, as in scans by address", () => {
  const hello = jarmProbes("192.0.2.7", steadyRandom)[5]!.firstBytes;
  equal(sha256(hello), "e1aa416c806bb99797b7fe7383ca3f07a318d165863ff8c9a9ee97dd873c5996");
});

Deno.test("no two scans draw the same by chance", () => {
  const hellos = () => jarmProbes("example.com").map(({ firstBytes }) => firstBytes);
  notDeepEqual(hellos(), hellos());
});

// The answers were read and hashed by that program too.
Deno.test("answers have the fingerprints that the published program gives them", () => {
  const http2 = serverHello("0303", "c02f", "0000 0000 ff01 0001 00 0010 0005 0003 02 6832");
  const plain = serverHello("0303", "c02f", "ff01 0001 00");
  equal(
    fingerprint([
      ...[http2, http2, undefined, plain, plain, serverHello("0302", "c014", "ff01 0001 00")],
      ...[http2, http2, http2, http2],
    ]),
    "29d29d00029d29d22c29d29d29d29ddc9160404fb38e8f43c3cb44d9836c72",
  );
  const http1 = serverHello(
    "0303",
    "c030",
    "0017 0000 ff01 0001 00 000b 0002 0100 0023 0000 0010 000b 0009 08 687474702f312e31",
  );
  const retry = serverHello("0303", "1302", "002b 0002 0304 0033 0002 0017", "22".repeat(32));
  equal(
    fingerprint([
      ...[http1, http1, http1, serverHello("0303", "0005", "ff01 0001 00"), fromHex("15 0303 0002 02 28")],
      ...[serverHello("0302", "0035", ""), retry, retry],
      serverHello("0303", "1305", `002b 0002 0304 0033 0024 001d 0020 ${"44".repeat(32)}`),
      // A suite that no hello offered.
      serverHello("0303", "00ff", "ff01 0001 00"),
    ]),
    "2ad2ad2ad02d00008c42d42d45d46d9bef8333f331215530b6c79d5e4cdfdd",
  );
});

// From the tests of another implementation, hdm/jarm-go.
Deno.test("a fingerprint seen in the wild comes out again", () => {
  const common = "0000 0000 ff01 0001 00 000b 0004 03000102 0023 0000";
  const http1 = serverHello("0303", "c02f", `${common} 0010 000b 0009 08 687474702f312e31`);
  const plain = serverHello("0303", "c02f", common);
  equal(
    fingerprint([http1, http1, undefined, plain, plain, undefined, http1, http1, http1, http1]),
    "29d29d00029d29d00029d29d29d29d8c9dac4e97f99c7a0e93e9d4d790df0a",
  );
});

Deno.test("a server that answers nothing, or only with alerts, has the fingerprint of none", () => {
  equal(JARM_NONE, "0".repeat(62));
  equal(fingerprint(new Array(10).fill(undefined)), JARM_NONE);
  equal(fingerprint(new Array(10).fill(fromHex("15 0301 0002 02 46"))), JARM_NONE);
});

Deno.test("only what comes first counts: an answer behind a warning is none", () => {
  const answer = serverHello("0303", "c02f", "ff01 0001 00");
  const warned = concatenate(fromHex("15 0303 0002 01 70"), answer);
  const others = new Array<undefined>(9).fill(undefined);
  equal(fingerprint([warned, ...others]), JARM_NONE);
  equal(fingerprint([answer, ...others]).slice(0, 30), "29d" + "0".repeat(27));
});

Deno.test("an answer whose protocol is no text counts as none", () => {
  const others = new Array<undefined>(9).fill(undefined);
  for (const extension of ["0010 0000", "0010 0005 0003 02 fffe"]) {
    equal(fingerprint([serverHello("0303", "c02f", extension), ...others]), JARM_NONE);
  }
});
