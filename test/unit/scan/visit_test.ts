import assert from "node:assert/strict";
import { Control } from "../../../ffi/mod.ts";
import { Admission, Governor } from "../../../src/governor/mod.ts";
import { CaptureTally } from "../../../src/scan/capture_tally.ts";
import type { Finding, Recorder } from "../../../src/scan/finding.ts";
import { HostConnections } from "../../../src/scan/host_connections.ts";
import type { AskOptions } from "../../../src/scan/options.ts";
import { Roster } from "../../../src/scan/roster.ts";
import { visit, type VisitSetup } from "../../../src/scan/visit.ts";
import { type EnumerationResult, JARM_NONE } from "../../../src/tls/mod.ts";
import type { SessionResult } from "../../../src/tls/session/mod.ts";
import type { Connection } from "../../../src/transport/mod.ts";
import { ChainVerifier, TrustStore } from "../../../src/x509/verify/mod.ts";
import {
  ascii,
  certificate,
  concatenate,
  fakeCertificate,
  fromHex,
  handshakeRecords,
  record,
  serverHello,
} from "../tls/flight_bytes.ts";
import { readHello } from "../tls/read_hello.ts";
import { MOVED, saying, ScriptedTransport, silent, type Talk } from "./scripted_transport.ts";

const ADDRESS = "192.0.2.1";
const LEAF = fakeCertificate(900, 1);
const ISSUER = fakeCertificate(1_200, 2);
const HELLO = handshakeRecords(serverHello());
const FLIGHT = concatenate(HELLO, handshakeRecords(certificate(LEAF, ISSUER)));
const alert = (description: number) => record(21, Uint8Array.of(2, description));
const HANDSHAKE_FAILURE = alert(40);
const PROTOCOL_VERSION = alert(70);
const NO_APPLICATION_PROTOCOL = alert(120);

/** Extensions of a ClientHello (IANA, TLS ExtensionType Values). */
const SERVER_NAME = 0;
const ALPN = 16;
const SUPPORTED_VERSIONS = 43;

const SESSION: SessionResult = { outcome: "trusted", traffic: MOVED };

/** Keeps what it is told, in order. */
class Notebook implements Recorder {
  readonly lines: string[] = [];
  readonly findings: Finding[] = [];
  readonly supports: EnumerationResult[] = [];
  readonly jarms: string[] = [];

  verified(): void {
    throw new Error("Cannot verify a host: its lane has done so");
  }
  captured(finding: Finding): void {
    this.findings.push(finding);
    this.#write(finding, finding.telling.result.outcome);
  }
  fingerprinted(finding: Finding, jarm: string): void {
    this.jarms.push(jarm);
    this.#write(finding, "jarm");
  }
  enumerated(finding: Finding, result: EnumerationResult): void {
    this.supports.push(result);
    this.#write(finding, "enumerated");
  }
  talked(finding: Finding, session: SessionResult): void {
    this.#write(finding, `session ${session.outcome}`);
  }
  finished(finding: Finding, session: SessionResult | undefined): void {
    this.#write(finding, session === undefined ? "finished" : `finished after ${session.outcome}`);
  }
  #write({ serverName }: Finding, what: string): void {
    this.lines.push(serverName === undefined ? what : `${serverName}: ${what}`);
  }
}

interface Given extends Partial<AskOptions> {
  readonly port?: number;
  readonly serverNames?: readonly (string | undefined)[];
  readonly bitsPerSecond?: number;
  readonly verifier?: ChainVerifier;
  readonly lookUp?: VisitSetup["lookUp"];
  readonly holdSession?: VisitSetup["holdSession"];
}

/** Begins a visit of a host whose connections have these servers, one after another. */
function begin(talks: readonly Talk[] | ((connection: number) => Talk), given: Given = {}) {
  const { port = 443, serverNames = [], bitsPerSecond, verifier, holdSession, ...asked } = given;
  const { lookUp = () => Promise.reject(new Error("Cannot look up: nobody asked for it")), ...options } =
    asked;
  const control = new Control();
  const governor = new Governor(control, { probesPerSecond: 100_000, bitsPerSecond });
  const open = new Roster<Connection>();
  const admission = new Admission(governor, () => true);
  const recorder = new Notebook();
  const tally = new CaptureTally();
  const transport = new ScriptedTransport(typeof talks === "function" ? talks : (at) => talks[at]);
  const host = { address: ADDRESS, port };
  const reservation = governor.admit();
  if (typeof reservation === "number") {
    throw new Error("Cannot begin: the budget is exhausted from the start");
  }
  const allowance = { timeoutMs: 5_000, bytesMax: 300_000 };
  const connections = new HostConnections({ transport, host }, reservation, admission, allowance, open);
  const setup: VisitSetup = {
    options: {
      tls: "auto",
      serverName: "given",
      starttls: undefined,
      enumerate: false,
      jarm: false,
      verify: verifier !== undefined,
      roots: undefined,
      session: holdSession !== undefined,
      http: undefined,
      captureTimeoutSeconds: 5,
      captureBytes: 262_144,
      ...options,
    },
    recorder,
    tally,
    verifier,
    lookUp,
    holdSession,
  };
  const found = { host, addressNumber: 0xc0000201n, details: {} };
  const done = visit(setup, { found, transport: "kernel", serverNames, connections });
  return { done, recorder, tally, transport, admission, open };
}

/** The same, to its end. */
async function whole(talks: Parameters<typeof begin>[0], given: Given = {}) {
  const visited = begin(talks, given);
  await visited.done;
  return visited;
}

/** What each connection began with. */
function hellos({ held }: ScriptedTransport) {
  return held.map(({ how, heard }) => {
    const extensions = readHello(heard[0]!).extensions!;
    const name = extensions.get(SERVER_NAME);
    return {
      how,
      alpn: extensions.has(ALPN),
      tls13: extensions.has(SUPPORTED_VERSIONS),
      // Behind the lengths of the list and of the name, and its type (RFC 6066, 3).
      ...(name && { name: new TextDecoder().decode(name.subarray(5)) }),
    };
  });
}

/** Lets everything that is settled be heard. */
const settle = () => new Promise((resolve) => setTimeout(resolve, 0));

Deno.test("one hello that brings the chain is all that is said", async () => {
  const { recorder, tally, transport } = await whole([saying(FLIGHT)]);
  assert.deepEqual(recorder.lines, ["captured", "finished"]);
  assert.deepEqual(hellos(transport), [{ how: "open", alpn: true, tls13: false }]);
  const [{ host, limits }] = transport.held as [typeof transport.held[0]];
  assert.deepEqual([host.address, host.port, limits.deadlineMs], [ADDRESS, 443, 5_000]);
  const [finding] = recorder.findings;
  assert.deepEqual(finding!.certificates.map(({ der }) => der), [LEAF, ISSUER]);
  assert.deepEqual(finding!.traffic, MOVED);
  assert.deepEqual([tally.outcomes, tally.certificates, tally.uniqueCertificates], [{ captured: 1 }, 2, 2]);
});

Deno.test("room is taken before the visit returns for the first time", async () => {
  const { done, transport, open } = begin([saying(FLIGHT)]);
  assert.deepEqual([transport.held.length, open.size], [1, 1]);
  await done;
  assert.equal(open.size, 0);
});

Deno.test("a server that wants another version is asked for it over a connection of its own", async () => {
  const { recorder, tally, transport } = await whole([saying(PROTOCOL_VERSION), saying(FLIGHT)]);
  assert.deepEqual(hellos(transport), [
    { how: "open", alpn: true, tls13: false },
    { how: "reopen", alpn: true, tls13: true },
  ]);
  const [finding] = recorder.findings;
  assert.deepEqual(
    finding!.attempts.map(({ kind, result }) => [kind, result.outcome]),
    [["tls12", "tls13_only"], ["modern", "captured"]],
  );
  assert.equal(finding!.telling.kind, "modern");
  assert.deepEqual(finding!.traffic, { bytesSent: 800, bytesReceived: 6_000 }, "of both");
  assert.deepEqual(tally.outcomes, { captured: 1 }, "one capture, whatever it took");
  assert.notDeepEqual(
    readHello(transport.held[0]!.heard[0]!).random,
    readHello(transport.held[1]!.heard[0]!).random,
  );
});

Deno.test("a server that knows none of the application protocols is asked without any", async () => {
  const { recorder, transport } = await whole([saying(NO_APPLICATION_PROTOCOL), saying(FLIGHT)]);
  assert.deepEqual(hellos(transport), [
    { how: "open", alpn: true, tls13: false },
    { how: "reopen", alpn: false, tls13: false },
  ]);
  assert.deepEqual(recorder.lines, ["captured", "finished"]);
});

Deno.test("the hellos run out: the first refusal is what is said of the server", async () => {
  const { recorder } = await whole(() => saying(HANDSHAKE_FAILURE));
  const [finding] = recorder.findings;
  assert.deepEqual(finding!.attempts.map(({ kind }) => kind), ["tls12", "modern", "pq_probe"]);
  assert.deepEqual([finding!.telling.kind, finding!.telling.result.outcome], ["tls12", "alert"]);
  assert.deepEqual(recorder.lines, ["alert", "finished"]);
});

Deno.test("several names are asked for one after another, whatever came of the one before", async () => {
  const talks = [saying(FLIGHT), saying("reset"), saying(PROTOCOL_VERSION), saying(FLIGHT)];
  const serverNames = ["a.example", "b.example", "c.example"];
  const { recorder, transport, tally } = await whole(talks, { serverNames });
  assert.deepEqual(recorder.lines, [
    ...["a.example: captured", "a.example: finished", "b.example: reset", "b.example: finished"],
    ...["c.example: captured", "c.example: finished"],
  ]);
  assert.deepEqual(hellos(transport).map(({ how, name }) => [how, name]), [
    ["open", "a.example"],
    ["reopen", "b.example"],
    ["reopen", "c.example"],
    ["reopen", "c.example"],
  ]);
  const isFirst = recorder.findings.map(({ certificates }) => certificates.map(({ isFirst }) => isFirst));
  assert.deepEqual(isFirst, [[true, true], [], [false, false]]);
  assert.deepEqual(tally.outcomes, { captured: 2, reset: 1 });
});

Deno.test("a target that was given with a name and without is asked both", async () => {
  const { recorder, transport } = await whole([saying(FLIGHT), saying(FLIGHT)], {
    serverNames: ["a.example", undefined],
  });
  assert.deepEqual(recorder.findings.map(({ serverName }) => serverName), ["a.example", undefined]);
  assert.deepEqual(hellos(transport).map(({ name }) => name), ["a.example", undefined]);
});

Deno.test("the name of an address is asked for second, when it is known", async () => {
  const { promise, resolve } = Promise.withResolvers<string>();
  const asked: string[] = [];
  const lookUp = (address: string) => (asked.push(address), promise);
  const { done, recorder, transport } = begin([saying(FLIGHT), saying(FLIGHT)], {
    serverName: "reverse",
    lookUp,
  });
  await settle();
  assert.deepEqual(asked, [ADDRESS]);
  assert.deepEqual(recorder.lines, ["captured", "finished"], "the resolver is not waited for");
  resolve("host.example");
  await done;
  assert.deepEqual(recorder.lines.slice(2), ["host.example: captured", "host.example: finished"]);
  assert.deepEqual(hellos(transport).map(({ name }) => name), [undefined, "host.example"]);
});

Deno.test("an address without a name, or with one that no hello can carry, is asked once", async () => {
  const hostile = [
    ...["-evil.example", "x.1", "0x7f.1"],
    "a b.example",
    "evil..example",
    "a\r\nb",
    "\x1b]0;x\x07.example",
    "x".repeat(300),
    "",
    "192.0.2.9",
  ];
  for (const name of [undefined, ...hostile]) {
    const { recorder } = await whole([saying(FLIGHT)], {
      serverName: "reverse",
      lookUp: () => Promise.resolve(name),
    });
    assert.deepEqual(recorder.lines, ["captured", "finished"], JSON.stringify(name));
  }
});

Deno.test("STARTTLS comes before each hello, and ALPN is left out behind it", async () => {
  const smtp = (flight: Uint8Array) =>
    saying(ascii("220 mail.example\r\n"), ascii("250 mail.example\r\n"), ascii("220 go\r\n"), flight);
  const { recorder, transport } = await whole([smtp(PROTOCOL_VERSION), smtp(FLIGHT)], {
    port: 25,
    starttls: "auto",
  });
  for (const { heard } of transport.held) {
    const [first, ehlo, starttls, hello] = heard as [Uint8Array, Uint8Array, Uint8Array, Uint8Array];
    assert.equal(first.length, 0, "the server speaks first");
    assert.match(new TextDecoder().decode(ehlo), /^EHLO \S+\r\n$/);
    assert.equal(new TextDecoder().decode(starttls), "STARTTLS\r\n");
    assert(!readHello(hello).extensions!.has(ALPN));
  }
  const [{ starttls, telling }] = recorder.findings as [Finding];
  assert.deepEqual([starttls, telling.kind, telling.result.outcome], ["smtp", "modern", "captured"]);
  assert.deepEqual(telling.result.transcript?.map(({ text }) => text.trim()), [
    ...["220 mail.example", "250 mail.example", "220 go"],
  ]);
});

Deno.test("a port of no such protocol is spoken TLS to at once", async () => {
  const { recorder } = await whole([saying(FLIGHT)], { port: 443, starttls: "auto" });
  assert.equal(recorder.findings[0]!.starttls, undefined);
  assert.deepEqual(recorder.lines, ["captured", "finished"]);
});

Deno.test("a server that refuses to go over to TLS is asked no more", async () => {
  const refusing = saying(ascii("220 mail.example\r\n"), ascii("250 ok\r\n"), ascii("454 not today\r\n"));
  const { recorder } = await whole([refusing], { starttls: "smtp", enumerate: true });
  assert.deepEqual(recorder.lines, ["starttls_refused", "finished"]);
  assert.match(recorder.findings[0]!.telling.result.reason!, /not today/);
});

Deno.test("JARM takes ten more connections", async () => {
  const { recorder, transport } = await whole((at) => saying(at === 0 ? FLIGHT : HELLO), { jarm: true });
  assert.deepEqual(recorder.lines, ["captured", "jarm", "finished"]);
  assert.equal(transport.held.length, 11);
  assert(transport.held.slice(1).every(({ how }) => how === "reopen"));
  // ECDHE-RSA-AES128-GCM-SHA256, TLS 1.2, ten times.
  assert.match(recorder.jarms[0]!, /^([0-9a-f]{2}d)\1{9}[0-9a-f]{32}$/);
});

Deno.test("JARM is over when a server lets one of its hellos time out", async () => {
  const { recorder, transport } = await whole(
    (at) => saying(at === 0 ? FLIGHT : at < 3 ? HELLO : "timeout"),
    { jarm: true },
  );
  assert.equal(transport.held.length, 4);
  assert.deepEqual(recorder.jarms, [JARM_NONE]);
});

Deno.test("JARM counts a reset as one answer less", async () => {
  const { recorder, transport } = await whole(
    (at) => saying(at === 0 ? FLIGHT : at === 1 ? "reset" : HELLO),
    { jarm: true },
  );
  assert.equal(transport.held.length, 11);
  assert.match(recorder.jarms[0]!, /^000([0-9a-f]{2}d)\1{8}/);
});

Deno.test("what a server accepts is found out hello by hello, until nothing is left to ask", async () => {
  const { recorder, transport } = await whole((at) => saying(at === 0 ? FLIGHT : PROTOCOL_VERSION), {
    enumerate: true,
    serverName: { name: "a.example" },
  });
  assert.deepEqual(
    recorder.lines,
    ["captured", "enumerated", "finished"].map((line) => `a.example: ${line}`),
  );
  const [{ versions, refusals, hellos, complete }] = recorder.supports as [EnumerationResult];
  assert.deepEqual([versions, complete], [[], true]);
  assert.deepEqual(new Set(refusals.map(({ alert }) => alert)).has("protocol_version"), true);
  assert.equal(hellos, transport.held.length - 1);
});

Deno.test("who speaks no TLS is not asked what it accepts", async () => {
  const banner = saying(ascii("SSH-2.0-OpenSSH_9.9\r\n"));
  const { recorder } = await whole([banner], { enumerate: true });
  assert.deepEqual(recorder.lines, ["not_tls", "finished"]);
});

Deno.test("a chain is verified before it is recorded, and only where there is one", async () => {
  const verifier = new ChainVerifier(new TrustStore("none", []));
  const { recorder, tally } = await whole([saying(FLIGHT), saying("reset")], {
    verifier,
    serverNames: ["a.example", "b.example"],
  });
  const [captured, reset] = recorder.findings;
  assert.equal(captured!.verification?.verdict, "malformed");
  assert.equal(reset!.verification, undefined);
  assert.deepEqual(tally.verifications, { malformed: 1 });
});

Deno.test("certificates count as seen when they are recorded, not while their chain is verified", async () => {
  const seen: number[] = [];
  const judge = new ChainVerifier(new TrustStore("none", []));
  const verifier = {
    async verify(...asked: Parameters<ChainVerifier["verify"]>) {
      const verification = await judge.verify(...asked);
      seen.push(begun.tally.uniqueCertificates);
      return verification;
    },
  } as unknown as ChainVerifier;
  const begun = begin([saying(FLIGHT)], { verifier });
  await begun.done;
  seen.push(begun.tally.uniqueCertificates);
  assert.deepEqual(seen, [0, 2]);
});

Deno.test("a session is held with whoever speaks TLS, once its capture is recorded", async () => {
  const visited: string[] = [];
  const holdSession = ({ serverName }: Finding) => {
    visited.push(serverName!);
    return Promise.resolve(SESSION);
  };
  const talks = [saying(FLIGHT), saying(ascii("SSH-2.0-OpenSSH_9.9\r\n")), saying("timeout")];
  const { recorder, tally } = await whole(talks, {
    holdSession,
    serverNames: ["a.example", "b.example", "c.example"],
  });
  assert.deepEqual(visited, ["a.example"]);
  assert.deepEqual(recorder.lines, [
    ...["a.example: captured", "a.example: session trusted", "a.example: finished after trusted"],
    ...["b.example: not_tls", "b.example: finished", "c.example: timeout", "c.example: finished"],
  ]);
  assert.deepEqual(tally.sessions, { trusted: 1 });
});

Deno.test("a session that never came about is not recorded", async () => {
  const { recorder, tally } = await whole([saying(FLIGHT)], {
    holdSession: () => Promise.resolve(undefined),
  });
  assert.deepEqual([recorder.lines, tally.sessions], [["captured", "finished"], {}]);
});

Deno.test("leaving ends a visit within its connection, and nothing more is asked", async () => {
  const { done, admission, open, recorder, transport } = begin([silent], {
    serverNames: ["a.example", "b.example"],
    enumerate: true,
    jarm: true,
    holdSession: () => Promise.reject(new Error("Cannot hold a session: this side has left")),
  });
  await settle();
  admission.close();
  for (const connection of open.members()) connection.close();
  await done;
  assert.deepEqual(recorder.lines, ["a.example: abandoned", "a.example: finished"]);
  assert.equal(transport.held.length, 1);
});

Deno.test("leaving between two hellos leaves the host unknown", async () => {
  let leave: () => void = () => {};
  const { done, admission, recorder } = begin([(_heard) => (leave(), PROTOCOL_VERSION)]);
  leave = () => admission.close();
  await done;
  const [{ attempts, telling }] = recorder.findings as [Finding];
  assert.deepEqual(attempts.map(({ result }) => result.outcome), ["tls13_only", "abandoned"]);
  assert.equal(telling.result.outcome, "abandoned");
  assert.deepEqual(recorder.lines, ["abandoned", "finished"]);
});

/** Leaves a visit in its fourth connection. */
async function leaveInFourth(options: Partial<AskOptions>) {
  let leave: () => void = () => {};
  const talks = (at: number): Talk => at < 3 ? saying(at === 0 ? FLIGHT : HELLO) : () => (leave(), undefined);
  const visited = begin(talks, {
    ...options,
    holdSession: () => Promise.reject(new Error("Cannot hold a session: this side has left")),
  });
  leave = () => {
    visited.admission.close();
    for (const connection of visited.open.members()) connection.close();
  };
  await visited.done;
  assert.equal(visited.transport.held.length, 4);
  return visited.recorder;
}

Deno.test("leaving while JARM is under way keeps the capture, and no half of a fingerprint", async () => {
  assert.deepEqual((await leaveInFourth({ jarm: true })).lines, ["captured", "finished"]);
});

Deno.test("leaving while an enumeration is under way keeps what was found, and says that it is not all", async () => {
  const { lines, supports } = await leaveInFourth({ enumerate: true });
  assert.deepEqual(lines, ["captured", "enumerated", "finished"]);
  assert.deepEqual([supports[0]!.hellos, supports[0]!.complete], [2, false]);
});

Deno.test("an enumeration of a server that takes its time each time is cut short, and says so", async () => {
  let now = 0;
  const slowly: Talk = () => {
    now += 2_000;
    return PROTOCOL_VERSION;
  };
  const clock = performance.now;
  performance.now = () => now;
  try {
    const talks = (at: number) => at === 0 ? saying(FLIGHT) : slowly;
    const { recorder } = await whole(talks, { enumerate: true, captureTimeoutSeconds: 1 });
    // It may take six timeouts, and is not begun again behind them.
    assert.deepEqual(recorder.supports.map(({ hellos, complete }) => [hellos, complete]), [[4, false]]);
  } finally {
    performance.now = clock;
  }
});

Deno.test("a chain that the budget has no room for is this side's failure", async () => {
  const long = concatenate(HELLO, handshakeRecords(certificate(fakeCertificate(40_000, 1))));
  const { recorder, transport } = await whole([saying(long.subarray(0, 8_000))], { bitsPerSecond: 8 });
  assert.deepEqual(recorder.lines, ["exhausted", "finished"]);
  assert.equal(transport.held.length, 1, "it is not asked again in another version");
});

Deno.test("a chain beyond what one connection may receive is oversize", async () => {
  const long = concatenate(HELLO, handshakeRecords(certificate(fakeCertificate(4_000, 1))));
  const { recorder } = await whole([saying(long)], { captureBytes: 2_000 });
  assert.deepEqual(recorder.lines, ["oversize", "finished"]);
});

Deno.test("an SSL 2.0 answer is read where only that is asked for", async () => {
  const { recorder } = await whole([saying(fromHex("8003 00 00 01"))], { tls: "ssl2" });
  assert.equal(recorder.findings[0]!.telling.kind, "ssl2");
  assert.deepEqual(recorder.lines.at(-1), "finished");
});
